import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { secretManagerContract, SecretsFixture } from "../vm/secrets/SecretManagerContract.ts"

const fixture = Layer.effect(
  SecretsFixture,
  Effect.map(SimulatedVm, ({ secrets, setSecretManager, setToken }) =>
    SecretsFixture.of({ secrets, setReachable: setSecretManager, setToken })
  )
)

secretManagerContract("keeps the contract of Secret Manager", Layer.provideMerge(fixture, SimulatedVm.layer()), {
  run: runInVirtualTime
})
