import { Nation, OneLine, PublicKey } from '@entente/schema'
import { z } from 'zod'
import { readJson } from './read-json.ts'
import { SetupError } from './setup-error.ts'

/** What of the log's growth its witnesses may see. */
export const LogRhythm = z.strictObject({
  /** The log grows to multiples of this many leaves; 1: no padding. */
  padTo: z.int().min(1).max(256).optional(),
  /** One `ack` leaf is logged each so many milliseconds, whether anybody acknowledged or not. */
  ackPeriodMs: z.int().min(1_000).max(86_400_000).optional(),
  /** What widens waits for the next of the checkpoints that come each so many milliseconds; absent: goes at once. */
  cadenceMs: z.int().min(1_000).max(86_400_000).optional(),
})
export type LogRhythm = z.infer<typeof LogRhythm>

/** What a node is told about itself; `config.json` in its folder. Holds no secret. */
export const NodeConfig = z.strictObject({
  nation: Nation,
  organisation: OneLine.min(1).max(200),
  name: z.string().min(1).max(100),
  /** Origin of the release log: part of its identity, until it is retired. */
  origin: z.string().regex(/^[a-z0-9.-]+(\/[a-z0-9._-]+)+$/, 'not a log origin'),
  /** Which log of this node it is, from 2 on: the ones before have been retired. */
  epoch: z.int().min(2).optional(),
  listen: z.array(z.string().startsWith('/')).describe('multiaddrs'),
  endpoints: z.array(z.string().startsWith('/')).describe('multiaddrs that partners dial'),
  /** Nation through whose node this one is reached, having no address that others can dial. */
  relay: Nation.optional(),
  /** Nations whose nodes are reached through this one; it carries ciphertext. */
  relayFor: z.array(Nation).max(64).optional(),
  /** How the release log grows; what it leaves out has its default. */
  log: LogRhythm.optional(),
  /** Where what opens the log is copied before it is published, encrypted to this X25519 key (32 bytes, base64url). */
  backup: z.strictObject({ folder: z.string().min(1), key: PublicKey }).optional(),
  /** This node only drafts: it has no log, and the nation's other nodes are all that it talks to. */
  drafts: z.literal(true).optional(),
  /** Line that stands before every table and export of an exercise node. */
  exercise: z.string().min(1).max(200).optional(),
})
export type NodeConfig = z.infer<typeof NodeConfig>

/** @throws {SetupError} `CONFIG_MISSING`, `CONFIG_FORM` */
export function readConfig(path: string): NodeConfig {
  const input = readJson(path, {
    missing: () =>
      new SetupError('CONFIG_MISSING', `no node lives here: ${path} is missing; run entente init`),
    form: (reason) => new SetupError('CONFIG_FORM', `${path}: ${reason}`),
  })
  const parsed = NodeConfig.safeParse(input)
  if (parsed.success) return parsed.data
  throw new SetupError('CONFIG_FORM', `${path}: ${z.prettifyError(parsed.error)}`)
}

/** Name of the node's witness key: like its log's, but never the same. */
export function witnessNameOf(origin: string): string {
  return `${origin.split('/')[0]}/witness/1`
}
