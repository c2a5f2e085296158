import { caveats, classifications, roles } from '@entente/schema'
import type { CompiledPolicy } from '../src/compile.ts'
import { parseIsoDate } from '../src/dates.ts'
import type { Row } from '../src/document.ts'
import { labelGate } from '../src/label-gate.ts'
import { legalGate } from '../src/legal-gate.ts'
import { factsOf, type Question, recordFactsOf } from '../src/question.ts'
import { consentGate } from '../src/supplier/gate.ts'

/**
 * A second way to the effect of a question, as slow and plain as the words of the specification: a cell of the table is yes, no or
 * unknown (null); a row that releases needs all yes, one that withholds no no.
 */
const originsOf = ({ record, field, sender }: Question) => {
  const terms = Object.hasOwn(record.fields, field) ? record.fields[field]?.terms : undefined
  return [
    record.originator,
    ...(record.envelope.derivedFrom ?? []).map(({ originator }) => originator),
    ...(terms === undefined ? [] : [terms.originator]),
    ...(terms?.others ?? []).map(({ originator }) => originator),
  ].filter((origin) => origin !== sender)
}

export function effectByOracle(question: Question, policy: CompiledPolicy) {
  const facts = factsOf(question, recordFactsOf(question.record), policy)
  const gates = [labelGate, legalGate, consentGate]
    .flatMap((gate) => Object.values(gate))
    .map((find) => find(facts, policy))
  const label = facts.label
  const known: Record<string, readonly string[] | null> = {
    kind: [facts.record.kind],
    field: [facts.field],
    dataset: [facts.record.dataset],
    originator: [facts.record.originator],
    confidence: facts.record.confidence === null ? null : [facts.record.confidence],
    recipient: [facts.recipient],
    recipientGroups: facts.recipientGroups,
    agreements: facts.agreements,
    purpose: [facts.purpose],
    classification: label && [label.classification],
    caveats: label?.caveats ?? null,
    releasableTo: label?.releasableTo ?? null,
    regimes: facts.record.regimes,
    origins: originsOf(question),
  }
  const rank = (level: string) => (classifications as readonly string[]).indexOf(level)
  const cell = (attribute: string, operator: string, wanted: never): boolean | null => {
    if (attribute === 'at') {
      const bound = parseIsoDate(wanted) ?? Number.NaN
      return operator === 'from' ? facts.atMs >= bound : facts.atMs < bound
    }
    const values = known[attribute] ?? null
    if (values === null) return null
    const list = wanted as readonly string[]
    if (operator === 'atMost') return rank(values[0] ?? '') <= rank(wanted)
    if (operator === 'atLeast') return rank(values[0] ?? '') >= rank(wanted)
    const inside = values.filter((value) => list.includes(value)).length
    if (operator === 'in' || operator === 'subsetOf') return inside === values.length
    return operator === 'notIn' ? inside === 0 : inside > 0
  }
  const cells = ({ match }: Row, leaveOut: readonly string[] = []) =>
    Object.entries(match).flatMap(([attribute, tests]) =>
      leaveOut.includes(attribute)
        ? []
        : Object.entries(tests ?? {}).map(([operator, wanted]) =>
            cell(attribute, operator, wanted as never),
          ),
    )
  const ofLabel = ['agreements', 'caveats', 'classification', 'releasableTo']
  const rows = policy.document.rules
  const releasing = rows.filter(
    (row) =>
      (row.effect === 'permit' || row.effect === 'transform') &&
      cells(row).length > 0 &&
      cells(row).every((found) => found === true) &&
      (row.match.purpose !== undefined || facts.purpose === 'use') &&
      (row.match.caveats !== undefined ||
        label?.caveats.every((each) => each !== 'COMMERCIAL' && caveats.includes(each)) === true),
  )
  const withholds = (effect: string) =>
    gates.some((found) => found === effect) ||
    rows.some((row) => row.effect === effect && !cells(row).includes(false))
  const coarsens = rows.some(
    (row) => row.effect === 'transform' && !cells(row, ofLabel).includes(false),
  )
  // Of rows that name roles all speak that their label alone keeps from releasing; so does the supplier.
  const limits = rows.flatMap((row) =>
    row.effect === 'permit' || row.effect === 'transform'
      ? row.roles !== undefined && !cells(row, ofLabel).includes(false)
        ? [row.roles]
        : []
      : [],
  )
  if (facts.supplierConsent?.roles) limits.push(facts.supplierConsent.roles)
  const readers = roles.filter((role) => limits.every((limit) => limit.includes(role)))
  if (withholds('deny') || (releasing.length > 0 && readers.length === 0)) return 'deny'
  if (withholds('approve')) return 'approve'
  if (releasing.length === 0) return 'deny'
  return coarsens ? 'transform' : 'permit'
}
