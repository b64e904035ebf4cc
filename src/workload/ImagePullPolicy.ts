/**
 * When a registry is asked for an image. `Always`: at each run, and what its tag stands for now is pulled.
 * `IfNotPresent`: if the engine does not hold the image. `Never`: at no time.
 */
export type ImagePullPolicy = "Always" | "IfNotPresent" | "Never"
