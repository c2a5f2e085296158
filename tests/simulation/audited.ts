import { join } from 'node:path'
import { type BundleFiles, verifyBundles } from '@entente/audit'
import { verifyEd25519 } from '@entente/node'
import { readBundle } from '../support/audit-bundles.ts'
import { soundNations } from './checks.ts'
import type { Federation } from './federation.ts'
import type { Story } from './story.ts'
import { owned, runUntil, virtualNowMs } from './virtual-world.ts'

/** What an auditor finds against sound nations, in the bundles that they export. */
export async function audited(
  story: Story,
  federation: Federation,
  root: string,
): Promise<string[]> {
  const bundles: BundleFiles[] = []
  const failures: string[] = []
  // All at once: of a log that grew between two exports, the later one would show more.
  const exports = soundNations(story).map((nation) => {
    const directory = join(root, 'bundles', nation)
    const { owner, node } = story.process(nation)
    return owned(owner, () => node()?.auditExport({ directory, withContent: true }))?.then(
      () => bundles.push(readBundle(directory)),
      (error: unknown) => failures.push(`${nation} exports no bundle: ${String(error)}`),
    )
  })
  await runUntil(virtualNowMs() + 120_000)
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
