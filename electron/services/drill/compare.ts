// What was predicted beside what came of it. Pure. Pods are compared by which of them move, wait or go, not by the machine
// that takes the new one: other pods of the cluster come and go meanwhile, and any machine that fits is right.
import type { DrillActual, DrillPrediction, DrillVerdict } from '../../../api/console/index.ts';

type Named = DrillVerdict['measure'] & ('moved' | 'pending' | 'gone' | 'services');

function byName(measure: Named, predicted: readonly string[], actual: readonly string[]): DrillVerdict {
  const missed = predicted.filter((name) => !actual.includes(name));
  const surprises = actual.filter((name) => !predicted.includes(name));
  const agrees = missed.length === 0 && surprises.length === 0;
  return { measure, predicted: predicted.length, actual: actual.length, agrees, missed, surprises };
}

/** The verdicts of a drill that is over; `isBack` says that all was put back and is whole. */
export function compareDrill(prediction: DrillPrediction, actual: DrillActual, isBack: boolean): DrillVerdict[] {
  const verdicts: DrillVerdict[] = [];
  if (prediction.rehearsed) {
    verdicts.push(
      byName(
        'moved',
        prediction.moved.map(({ pod }) => pod),
        actual.moved.map(({ pod }) => pod),
      ),
      byName(
        'pending',
        prediction.pending.map(({ pod }) => pod),
        actual.pending,
      ),
      byName('gone', prediction.gone, actual.gone),
    );
  }
  verdicts.push(
    byName(
      'services',
      prediction.services,
      actual.services.map(({ service }) => service),
    ),
  );
  const none = { missed: [], surprises: [] };
  if (prediction.quorum !== undefined && actual.canLose !== undefined) {
    const predicted = prediction.quorum.canLose;
    verdicts.push({
      measure: 'canLose',
      predicted,
      actual: actual.canLose,
      agrees: actual.canLose >= predicted,
      ...none,
    });
  }
  verdicts.push({ measure: 'back', predicted: 1, actual: isBack ? 1 : 0, agrees: isBack, ...none });
  return verdicts;
}
