// Where certificates and keys live in a pki folder: kubeadm's own names, so that other tools find them.

/** File names relative to the pki folder. */
export const pkiFiles = {
  ca: { cert: 'ca.crt', key: 'ca.key' },
  apiServer: { cert: 'apiserver.crt', key: 'apiserver.key' },
  kubeletClient: { cert: 'apiserver-kubelet-client.crt', key: 'apiserver-kubelet-client.key' },
  etcdClient: { cert: 'apiserver-etcd-client.crt', key: 'apiserver-etcd-client.key' },
  serviceAccount: { publicKey: 'sa.pub', privateKey: 'sa.key' },
  frontProxyCa: { cert: 'front-proxy-ca.crt', key: 'front-proxy-ca.key' },
  frontProxyClient: { cert: 'front-proxy-client.crt', key: 'front-proxy-client.key' },
  etcdCa: { cert: 'etcd/ca.crt', key: 'etcd/ca.key' },
  etcdServer: { cert: 'etcd/server.crt', key: 'etcd/server.key' },
  etcdPeer: { cert: 'etcd/peer.crt', key: 'etcd/peer.key' },
} as const;
