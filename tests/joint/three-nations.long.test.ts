import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { openServing } from '../support/scenario.ts'
import { nations, policyOf, restricted } from './members.ts'
import { sealedVote } from './votes.ts'

async function openThree(federation: Federation) {
  const nodes = await openServing(federation, nations)
  for (const node of nodes)
    await node.policyInstall(federation.sign(node.nation, policyOf(node.nation)))
  for (const node of nodes)
    await eventually('the policy is published', async () => {
      const { log } = await node.status()
      return log.published === log.size
    })
  return nodes as [RunningNode, RunningNode, RunningNode]
}

test('three nations write a requirement, and it is validated by two of three', async () => {
  await using federation = createFederation(nations)
  const [aus, gbr, usa] = await openThree(federation)
  const { id } = await usa.jointCreate({
    kind: 'requirement',
    with: ['AUS', 'GBR'],
    quorum: 2,
    documentLabel: restricted,
    dataset: 'joint',
    set: { title: 'Maritime radar', text: 'Detects a periscope.' },
    unset: [],
  })
  for (const node of [aus, gbr])
    await eventually(`${node.nation} has it`, async () => (await node.jointList()).length === 1)
  await Promise.all([
    aus.jointEdit({ document: id, set: { 'value.range.threshold': '200 km' }, unset: [] }),
    gbr.jointEdit({
      document: id,
      set: { 'needed-by': '2031-06-30', text: 'Detects a periscope at sea state 4.' },
      unset: [],
    }),
  ])
  const same = await eventually('all have all', async () => {
    const all = await Promise.all([aus, gbr, usa].map((node) => node.jointShow({ document: id })))
    const [first] = all
    return (
      all.every(({ changes, heads }) => changes === 3 && heads.join() === first?.heads.join()) &&
      all
    )
  })
  expect(same[0]).toEqual(same[1])
  expect(same[0]).toEqual(same[2])
  expect(same[0]?.values.map(({ path, value, writer }) => [path, value, writer])).toEqual([
    ['needed-by', '2031-06-30', 'GBR'],
    ['title', 'Maritime radar', 'USA'],
    ['value.range.threshold', '200 km', 'AUS'],
  ])
  expect(same[0]?.text).toBe('Detects a periscope at sea state 4.')
  await aus.jointVote(sealedVote(federation, aus.nation, id, same[0]?.heads ?? [], 'endorse'))
  await gbr.jointVote(sealedVote(federation, gbr.nation, id, same[0]?.heads ?? [], 'endorse'))
  await eventually(
    'validated',
    async () => (await usa.jointShow({ document: id })).standing.state === 'validated',
  )

  // Auditors find nothing in any of the three, each by itself and all of them joined.
  const directories = await Promise.all(
    [aus, gbr, usa].map(async (node) => {
      const directory = join(federation.root, `bundle-${node.nation}`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  const { findings } = auditOf(federation, directories)
  expect(findings).toEqual([])
})
