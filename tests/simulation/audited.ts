import { join } from 'node:path'
import { type BundleFiles, verifyBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { readBundle } from '../support/audit-bundles.ts'
import { soundNations } from './checks.ts'
import type { Federation } from './federation.ts'
import { headIn, type Story } from './story.ts'
import { owned, runUntil, virtualNowMs } from './virtual-world.ts'

/** What an auditor finds against sound nations, in the bundles that they export. */
export async function audited(
  story: Story,
  federation: Federation,
  root: string,
): Promise<string[]> {
  await rest(story)
  const bundles: BundleFiles[] = []
  const failures: string[] = []
  const exports = soundNations(story).map((nation) => {
    const directory = join(root, 'bundles', nation)
    const { owner, node } = story.process(nation)
    return owned(owner, () => node()?.auditExport({ directory, withContent: true }))?.then(
      () => bundles.push(readBundle(directory)),
      (error: unknown) => failures.push(`${nation} exports no bundle: ${String(error)}`),
    )
  })
  await runUntil(virtualNowMs() + 2 * minuteMs)
  await Promise.all(exports)
  const report = verifyBundles(bundles, {
    roster: federation.roster,
    verify: verifyEd25519,
    atMs: virtualNowMs(),
  })
  const against = report.findings.filter(
    ({ nation }) => nation === null || soundNations(story).includes(nation as never),
  )
  return [
    ...failures,
    ...against.map(
      ({ code, nation, message }) => `audit finds against ${nation}: ${code}: ${message}`,
    ),
  ]
}

const minuteMs = 60_000

/** Runs on until no log has grown for two minutes: of one that grew between two exports, the later would show more. */
async function rest(story: Story): Promise<void> {
  const sizes = () => soundNations(story).map((nation) => headIn(story.process(nation).folder))
  let before = sizes()
  for (let minutes = 0; minutes < 30; minutes += 2) {
    await runUntil(virtualNowMs() + 2 * minuteMs)
    const now = sizes()
    if (now.join() === before.join()) return
    before = now
  }
  throw new Error(`logs go on growing when nothing happens: ${before.join()}`)
}
