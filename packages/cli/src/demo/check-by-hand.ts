import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Nation } from '@entente/schema'

/** What the recipe of `docs/audit-by-hand.md` said of one release. */
export interface ByHand {
  readonly nation: Nation
  readonly status: 'sound' | 'unsound' | 'not-run'
  /** Each `ok:` line of the recipe. */
  readonly steps: readonly string[]
  /** Why it is not sound, or could not be run. */
  readonly words: string
}

const page = new URL('../../../../docs/audit-by-hand.md', import.meta.url)
const tools = ['bash', 'openssl', 'jq', 'sha256sum', 'od']
/** A shell needs seconds, and more on a busy machine. */
const LONGEST_MS = 300_000

/** Does what the page says, by the shell alone, with the first release of the shortest log. */
export function checkByHand(bundles: ReadonlyMap<Nation, string>, rosterPath: string): ByHand {
  const bySize = [...bundles].map(([nation, bundle]) => ({ nation, bundle, size: sizeOf(bundle) }))
  const [shortest] = bySize.sort((a, b) => a.size - b.size)
  if (shortest === undefined) throw new RangeError('there is no bundle')
  const { nation, bundle } = shortest
  const lacking = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  if (lacking.length > 0) {
    const words = `not run: this machine has no ${lacking.join(', ')}`
    return { nation, status: 'not-run', steps: [], words }
  }
  const blocks = readFileSync(page, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)
  const script = [...blocks].map(([, block]) => block).join('\n')
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    env: { ...process.env, B: bundle, R: rosterPath, N: nation },
    encoding: 'utf8',
    timeout: LONGEST_MS,
  })
  const steps = stdout.split('\n').filter((line) => line.startsWith('ok: '))
  return { nation, status: status === 0 ? 'sound' : 'unsound', steps, words: stderr.trim() }
}

function sizeOf(bundle: string): number {
  const [, size] = readFileSync(join(bundle, 'log', 'checkpoint'), 'utf8').split('\n')
  return Number(size)
}
