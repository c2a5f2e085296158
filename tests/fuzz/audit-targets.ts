import { createHash } from 'node:crypto'
import { type BundleFiles, verifyBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { bundlesOf, tell } from '../../packages/audit/test/story.ts'
import type { Target } from './target.ts'

let story: {
  bundles: readonly ReadonlyMap<string, Uint8Array>[]
  trust: Parameters<typeof verifyBundles>[1]
} | null = null
function theStory() {
  if (story !== null) return story
  const told = tell()
  story = {
    bundles: bundlesOf(told),
    trust: {
      roster: told.federation.roster,
      verify: verifyEd25519,
      atMs: told.federation.now + 60_000,
    },
  }
  return story
}
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A bundle with these bytes for one of its files, and a manifest that says so. */
function withFile(path: string, bytes: Uint8Array): BundleFiles[] {
  const [first = new Map<string, Uint8Array>(), ...rest] = theStory().bundles
  const files = new Map(first).set(path, bytes)
  if (path === 'manifest.json') return [files, ...rest]
  const manifest = JSON.parse(Buffer.from(files.get('manifest.json') ?? []).toString()) as {
    files: Record<string, string>
  }
  manifest.files[path] = hex(bytes)
  return [files.set('manifest.json', Buffer.from(JSON.stringify(manifest))), ...rest]
}

const paths = [
  'manifest.json',
  'openings.jsonl',
  'entries.jsonl',
  'inputs.jsonl',
  'consents.jsonl',
  'policies.jsonl',
  'registers.jsonl',
  'checkpoints.jsonl',
  'sources.jsonl',
  'record-keys.jsonl',
  'acks-given.jsonl',
  'acks-received.jsonl',
  'received.jsonl',
  'held.jsonl',
  'partner-checkpoints.jsonl',
  'log/checkpoint',
  'log/tile/entries/000.p/9',
  'log/tile/0/000.p/9',
] as const

/** Whatever a bundle holds, the audit answers with findings and throws nothing. */
export const auditTargets: readonly Target[] = paths.map((path) => ({
  name: `bundle: ${path}`,
  valid: (random) => {
    const own = theStory().bundles.flatMap((files) => files.get(path) ?? [])
    return own.length === 0 ? new Uint8Array() : random.pick(own)
  },
  read: (input) => verifyBundles(withFile(path, input), theStory().trust).findings.length,
  refuses: () => false,
  costly: true,
}))
