/** Waits, holds the namespaces that the others join, and reaps processes that nobody waits for. Kubernetes has the same. */
export const sandboxImage = "registry.k8s.io/pause:3.10"
