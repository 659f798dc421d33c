// etcd3 reads its .proto files from its own folder at start. In a bundle there is no such folder, so the definitions
// are parsed when building and travel inside as JSON; that also saves the program from parsing them at every start.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import protobuf from 'protobufjs';

const loading = /\(0, proto_loader_1\.loadSync\)\(`\$\{__dirname\}\/\.\.\/proto\/rpc\.proto`, /;

/** Replaces the one call of etcd3 that reads .proto files. Fails the build when that call is no longer there. */
export const embedEtcdProtocol: Plugin = {
  name: 'embed-etcd-protocol',
  setup(build) {
    build.onLoad({ filter: /etcd3[/\\]lib[/\\]connection-pool\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!loading.test(source))
        throw new Error(`${path} no longer loads rpc.proto as build/embed-etcd-protocol.ts knows it`);
      const keepCase = /keepCase: true/.test(source);
      const root = new protobuf.Root().loadSync(join(dirname(path), '../proto/rpc.proto'), { keepCase });
      const definitions = JSON.stringify(root.toJSON());
      return { contents: source.replace(loading, () => `(0, proto_loader_1.fromJSON)(${definitions}, `), loader: 'js' };
    });
  },
};
