// Follows a pod's log by our own client: the JavaScript client's follower cannot be ended without an unhandled error.
import { connect } from '../../cli/deploy-samples.ts';

/** The first piece of the log of `namespace/pod`, followed as `kubectl logs -f` does. */
export async function firstOfFollowedLog(kubeconfigPath: string, namespace: string, pod: string): Promise<string> {
  const client = connect(kubeconfigPath);
  const following = new AbortController();
  try {
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log`;
    const log = await client.request({ method: 'GET', path, query: { follow: 'true' }, signal: following.signal });
    for await (const chunk of log.body) return Buffer.from(chunk).toString();
    return '';
  } finally {
    following.abort();
    client.close();
  }
}
