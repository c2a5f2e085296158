import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tlogPolicyOf, verifyEd25519 } from '@entente/node'
import { openRoster, peekJws } from '@entente/schema'
import {
  meetsQuorum,
  type ProofTrust,
  parseHex,
  parseVerifierKey,
  parseWitnessPolicy,
  verifyTlogProof,
} from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'

test('what a node has released is shown, proven to strangers, derived again and exported, while it serves', async () => {
  await using federation = createFederation(['AUS', 'GBR', 'NOR', 'USA'])
  const nations = ['GBR', 'USA', 'AUS', 'NOR'] as const
  const [gbr, usa] = await openServing(federation, nations)
  if (gbr === undefined || usa === undefined) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  await gbr.recordAdd(capability({ title: 'Beacon' }))
  await eventually('the USA has it', async () => (await usa.search({ text: 'beacon' }))[0])
  await inSync(gbr, 'USA')

  const checked = await eventually('all of the log is published', async () => {
    const seen = await gbr.logFsck({})
    return seen.published === seen.leaves ? seen : null
  })
  expect(checked).toMatchObject({ found: 0, findings: [] })

  const { nations: members, witnessPolicy } = federation.roster
  const [certificate = ''] = members.find(({ nation }) => nation === 'GBR')?.certificates ?? []
  const { logKey } = peekJws(certificate).payload as { readonly logKey: string }
  const trust: ProofTrust = {
    log: { origin: checked.origin, key: parseVerifierKey(logKey) },
    witnesses: {
      witnesses: witnessPolicy.witnesses.map(({ key }) => parseVerifierKey(key)),
      quorum: witnessPolicy.quorum,
    },
  }
  const policy = parseWitnessPolicy(
    tlogPolicyOf('GBR', openRoster(federation.roster, verifyEd25519)),
  )
  expect(policy.logs.map(({ key }) => key)).toEqual([trust.log.key])
  const kinds: string[] = []
  for (let index = 0; index < checked.leaves; index++) {
    const leaf = await gbr.logShow(index)
    kinds.push(leaf.kind)
    const { proof, entry } = await gbr.logProve(index)
    expect(entry).toBe(leaf.entry)
    const verified = verifyTlogProof(parseHex(entry), proof, trust)
    expect(verified).toMatchObject({ index })
    const cosigned = verified.cosignatures.map(({ key }) => key)
    expect(meetsQuorum(policy, cosigned)).toBe(true)
    expect(meetsQuorum(policy, cosigned.slice(0, 1))).toBe(false)
    const other = await gbr.logShow((index + 1) % checked.leaves)
    expect(() => verifyTlogProof(parseHex(other.entry), proof, trust)).toThrow()
  }
  expect(kinds).toEqual(expect.arrayContaining(['genesis', 'policy', 'release']))
  await expect(gbr.logShow(checked.leaves)).rejects.toMatchObject({ code: 'LEAF_UNKNOWN' })
  await expect(gbr.logProve(checked.leaves)).rejects.toMatchObject({ code: 'LEAF_UNKNOWN' })

  const folder = mkdtempSync(join(tmpdir(), 'entente-tiles-'))
  try {
    expect(await gbr.logExport({ directory: folder })).toMatchObject({ size: checked.leaves })
    const checkpoint = readFileSync(join(folder, 'checkpoint'))
    expect(Buffer.from((await gbr.logFile('checkpoint')) ?? '', 'base64')).toEqual(checkpoint)
    expect(await gbr.logFile('../entente.db')).toBeNull()
    // Commitments alone: nothing of what was released can be read there.
    const all = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
      .join('')
    // Three letters alone stand in digests by chance; text has its own neighbours.
    for (const word of ['Beacon', ':"USA"', '["USA"', 'production']) expect(all).not.toContain(word)
    const said = checkpoint.toString().replaceAll(/[A-Za-z0-9+/]{40,}=*/g, '')
    expect(said).toContain(checked.origin)
    expect(said).not.toContain('USA')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
