// The Kubernetes version that every part behaves as; API servers and agents of one build name the same one.

/** As `/version` and a Node's `kubeletVersion` give it. */
export const kubernetesVersion = 'v1.36.3+pilothouse';
