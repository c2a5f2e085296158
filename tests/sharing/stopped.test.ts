import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { runVerb } from '../support/run-verb.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

/** What a person reads, and what a script does, at a node that no process serves. */
async function statusAt(folder: string) {
  const page = await runVerb('status', '--folder', folder)
  const json = await runVerb('status', '--folder', folder, '--json')
  const { exit } = await runVerb('status', '--folder', folder, '--check')
  return { lines: page.stdout.split('\n'), status: JSON.parse(json.stdout), exit }
}

test('status of a node that nobody serves says so, what it last knew of its partner, and what of its log is published', async () => {
  await using federation = createFederation(['GBR', 'NOR'])
  const folder = federation.folder('GBR')
  const [gbr, nor] = await openServing(federation, ['GBR', 'NOR'])
  if (gbr === undefined || nor === undefined) throw new Error('no nodes')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await nor.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  await gbr.recordAdd(capability({ title: 'kestrel' }))
  await inSync(gbr, 'NOR')
  await inSync(nor, 'GBR')
  await gbr[Symbol.asyncDispose]()
  const [stored] = readRows(
    folder,
    'SELECT max(size) AS published FROM checkpoint WHERE published_ms IS NOT NULL',
  )
  const published = Number(stored?.['published'])
  expect(published).toBeGreaterThan(0)

  const { lines, status, exit } = await statusAt(folder)
  expect(lines.slice(0, 3)).toEqual([
    expect.stringMatching(/^EXERCISE/),
    `GBR, not running: nothing goes or comes, and nothing is signed. Next: entente --folder ${folder} serve`,
    '',
  ])
  const text = lines.join('\n')
  expect(text).toMatch(/^NOR +not running here; .*proven in sync/m)
  expect(text).toContain(`leaves, ${published} published`)
  expect(text).toMatch(/cosigned by .*nor\.entente/)
  expect(text).toContain('none open: this node is not running')
  for (const untrue of ['dialling', 'asking', 'serving', 'Nothing needs you', 'missing'])
    expect(text).not.toContain(untrue)
  expect(exit).toBe(6)
  expect(status).toMatchObject({ running: false, ok: false, log: { published } })
  expect(status.log.missing).toEqual([])
})

test('a node that is alone and not served does not say that it serves', async () => {
  await using federation = createFederation(['GBR'])
  const folder = federation.folder('GBR')
  const { lines, status } = await statusAt(folder)
  expect(lines[1]).toBe(
    `GBR, not running: nothing goes or comes, and you have no partners yet. Next: entente --folder ${folder} serve, then entente --folder ${folder} partner invite NATION`,
  )
  expect(lines.join('\n')).not.toMatch(/serving|Nothing needs you/)
  expect(status).toMatchObject({ running: false, ok: false, state: 'serving', ports: [] })
  await using serving = await federation.open('GBR')
  expect(await serving.status()).toMatchObject({ running: true, words: /^You have no partners/ })
})
