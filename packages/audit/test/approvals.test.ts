import { expect, test } from 'vitest'
import { auditBundles, overrides, refusals, verifyBundles } from '../src/index.ts'
import { ask, give, remade, sayWord, UNTIL } from './approval-lies.ts'
import { publish } from './bundle-builder.ts'
import { mk58 } from './exercise-data.ts'
import { platformVerify } from './keys.ts'
import { bundlesOf, release, type Told, tell } from './story.ts'

const verify = (told: Told) => {
  const { roster, now } = told.federation
  return verifyBundles(bundlesOf(told), { roster, verify: platformVerify, atMs: now + 60_000 })
}

test('what officers approved, kept, changed and took back is replayed without a finding', () => {
  const told = tell({
    late: (told) => {
      const { federation, usa, nor } = told
      ask(told)
      give(told, [], { title: 'MK-58' })
      const first = sayWord(told)
      publish(federation, usa)
      give(told, [first])
      // The maker is another now: NOR keeps the one it has while the new one waits.
      const edited = { ...remade, envelope: { ...remade.envelope, asOf: '2026-10-01' } }
      give(told, [first], { title: 'MK-58', supplier: 'exercise maker' }, edited)
      const second = sayWord(told, { shown: 'another maker' })
      publish(federation, usa)
      give(told, [second], { title: 'MK-58', supplier: 'another maker' }, edited)
      sayWord(told, { shown: 'another maker', reason: 'not yet' }, { decision: 'deny' })
      publish(federation, usa)
      release(told, usa, nor, 'second', [{ drop: edited, fields: ['supplier'] }])
    },
  })
  const report = verify(told)
  expect(report.findings).toEqual([])
})

test('a drop of an approved field is due when its approval has run out, and not before', () => {
  const late =
    (days: number) =>
    (told: Told): void => {
      const { federation, usa, nor } = told
      ask(told)
      const yes = sayWord(told)
      publish(federation, usa)
      give(told, [yes])
      federation.now += days * 86_400_000
      const drop = [{ drop: mk58, fields: ['supplier'] }]
      release(told, usa, nor, 'second', drop, days > 30 ? {} : { inputs: {} })
    }
  expect(verify(tell({ late: late(31) })).findings).toEqual([])
  expect(verify(tell({ late: late(1) })).findings).toMatchObject([{ code: 'DECISION_DIFFERS' }])
})

test('the queries name each approval and refusal with who signed it', () => {
  const told = tell({
    late: (told) => {
      ask(told)
      sayWord(told, { reason: 'asked the maker' })
      sayWord(told, { reason: 'too early' }, { decision: 'deny' })
      publish(told.federation, told.usa)
    },
  })
  const { roster, now } = told.federation
  const trust = { roster, verify: platformVerify, atMs: now + 60_000 }
  const { audits } = auditBundles(bundlesOf(told), trust)
  const end = new Date(UNTIL).toISOString().slice(0, 10)
  const about = `supplier of ${mk58.id} for NOR, exact, held by maker`
  const person = 'release officer'
  expect(overrides(audits)).toMatchObject([
    { decision: 'approve', person, serial: 3, about: `${about}, until ${end}: asked the maker` },
    { decision: 'deny', person, serial: 3, about: `${about}: too early` },
  ])
  expect(refusals(audits)).toMatchObject([
    { by: 'USA', to: null, person, about: `${about}: too early` },
  ])
})
