// Doing many alike things in growing batches, so that what fails at first (a quota, a webhook) fails once and not 500 times.

/** Batches of 1, 2, 4, …; stops after the first batch with a failure and throws that. Returns how many were done. */
export async function slowStart(
  count: number,
  act: (index: number) => Promise<void>,
  initialBatch: number = 1,
): Promise<number> {
  let done = 0;
  for (let batch = Math.min(count, initialBatch); batch > 0; batch = Math.min(2 * batch, count - done)) {
    const results = await Promise.allSettled(Array.from({ length: batch }, (_, i) => act(done + i)));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
    done += batch;
  }
  return done;
}
