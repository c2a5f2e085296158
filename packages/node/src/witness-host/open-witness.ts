import { hash } from 'node:crypto'
import { openRoster } from '@entente/schema'
import { createVerifierKey, formatVerifierKey, KEY_TYPE, parseVerifierKey } from '@entente/tlog'
import { z } from 'zod'
import { verifyEd25519 } from '../adapters/ed25519.ts'
import { openDatabase } from '../adapters/sqlite-database.ts'
import { systemClock } from '../adapters/system-clock.ts'
import type { Clock } from '../ports/clock.ts'
import { readSigner } from '../setup/key-file.ts'
import { readJson } from '../setup/read-json.ts'
import { SetupError } from '../setup/setup-error.ts'
import { createWitness, type Witness } from '../witness/witness.ts'
import { createWitnessCountFile } from '../witness/witness-count.ts'
import { createWitnessState, witnessTables } from '../witness/witness-state.ts'
import { WitnessConfig, witnessPaths } from './witness-folder.ts'

/** A witness without a node, open. */
export interface HostedWitness extends Witness, Disposable {
  readonly name: string
  /** Origins that it cosigns. */
  readonly origins: readonly string[]
}

/**
 * Opens a witness that `initWitness` made, for the logs of a roster that every nation has signed and that names it.
 * @throws {SetupError} `CONFIG_MISSING`, `CONFIG_FORM`, `KEY_MISSING`, `KEY_EXPOSED`, `KEY_FORM`, `ROSTER_NOT_OURS`
 * @throws {RosterError} when the roster must not be trusted
 */
export function openWitness(
  folder: string,
  rosterJson: unknown,
  clock: Clock = systemClock,
): HostedWitness {
  const paths = witnessPaths(folder)
  const config = WitnessConfig.safeParse(
    readJson(paths.config, {
      missing: () =>
        new SetupError(
          'CONFIG_MISSING',
          `no witness lives here: ${paths.config} is missing; run entente witness init`,
        ),
      form: (reason) => new SetupError('CONFIG_FORM', `${paths.config}: ${reason}`),
    }),
  )
  if (!config.success)
    throw new SetupError('CONFIG_FORM', `${paths.config}: ${z.prettifyError(config.error)}`)
  const { name } = config.data
  const { publicKey, sign } = readSigner(paths.key)
  const key = createVerifierKey(name, KEY_TYPE.cosignature, publicKey)
  const { members, witnessPolicy } = openRoster(rosterJson, verifyEd25519)
  if (!witnessPolicy.witnesses.some((witness) => witness.key === formatVerifierKey(key)))
    throw new SetupError(
      'ROSTER_NOT_OURS',
      `roster ${witnessPolicy.number} does not name this witness: build it with --witness ${name},${formatVerifierKey(key)},URL`,
    )
  const db = openDatabase(paths.database, [witnessTables])
  const logs = [...members.values()].map(({ node }) => ({
    origin: node.origin,
    key: parseVerifierKey(node.logKey),
  }))
  const witness = createWitness({
    db,
    clock,
    hash: (bytes) => hash('sha256', bytes, 'buffer'),
    verify: verifyEd25519,
    cosigner: { key, sign },
    state: createWitnessState(db, createWitnessCountFile(paths.count), key),
    logs: new Map(logs.map((log) => [log.origin, log])),
  })
  return {
    ...witness,
    name,
    origins: logs.map(({ origin }) => origin),
    [Symbol.dispose]: () => db[Symbol.dispose](),
  }
}
