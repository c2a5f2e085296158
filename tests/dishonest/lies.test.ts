import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { createRawPartner, type RawPartner } from '../support/raw-partner.ts'
import { readRows } from '../support/scenario.ts'
import { nameOf } from './lie.ts'
import { openStoppedStage, ownLies } from './own-lies.ts'
import { cosignedLies, senderLies } from './sender-lies.ts'
import { openStage } from './stage.ts'
import { answerLies, logLies, openWitnessStage, type WitnessStage } from './witness-lies.ts'

// Each lie is told by real keys to the real thing. What an auditor catches is told in tests/audit.
const nations = ['AUS', 'GBR', 'USA'] as const

describe('a sender, or a witness with it, lies to a receiver', () => {
  const atMs = Date.UTC(2026, 8, 21)
  let federation: Federation
  beforeAll(() => {
    federation = createFederation(nations)
  })
  afterAll(() => federation[Symbol.asyncDispose]())
  for (const lie of [...senderLies, ...cosignedLies])
    test(nameOf(lie), async () => {
      using stage = openStage(federation, atMs)
      expect(await lie.tell(stage)).toBe(lie.code)
      expect(stage.gbr.view.search('smuggled', 5)).toEqual([])
    })
})

describe('a log lies to a witness', () => {
  let federation: Federation
  let witness: RawPartner
  let stage: WitnessStage
  beforeAll(async () => {
    federation = createFederation(nations)
    await federation.open('GBR', { alone: true })
    witness = await createRawPartner(federation, 'USA', 'GBR')
    stage = await openWitnessStage(federation, witness)
  })
  afterAll(async () => {
    await witness[Symbol.asyncDispose]()
    await federation[Symbol.asyncDispose]()
  })
  for (const lie of logLies)
    test(nameOf(lie), async () => {
      const witnessed = () => readRows(federation.folder('GBR'), 'SELECT * FROM witnessed')
      const before = witnessed()
      expect(await lie.tell(stage)).toBe(lie.code)
      expect(witnessed()).toEqual(before)
    })
})

describe('a witness lies to a log', () => {
  for (const lie of answerLies)
    test(nameOf(lie), async () => {
      await using federation = createFederation(['GBR', 'USA'])
      const usa = await federation.open('USA', { alone: true })
      await using liar = await createRawPartner(federation, 'GBR', 'USA')
      expect(await lie.tell({ federation, usa, liar })).toBe(lie.code)
    })
})

describe('an administrator lies to a node that has stopped', () => {
  for (const lie of ownLies)
    test(nameOf(lie), async () => {
      await using federation = createFederation(['GBR', 'USA'])
      expect(await lie.tell(await openStoppedStage(federation))).toBe(lie.code)
    })
})

test('the page on lies names every code with which one is caught', () => {
  const page = readFileSync('docs/threat-model.md', 'utf8')
  const codes = [...senderLies, ...cosignedLies, ...ownLies].map(({ code }) => code)
  expect([...new Set(codes)].filter((code) => !page.includes(`\`${code}\``))).toEqual([])
})
