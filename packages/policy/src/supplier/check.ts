import { fieldsOf, Kind, type Verify } from '@entente/schema'
import { checkIds, type LocatedIssue, spanIssues } from '../check.ts'
import type { RegisterDocument } from '../register/document.ts'
import { namingsOf } from './compile.ts'
import {
  consentSealType,
  consentSentenceOf,
  hasSealed,
  withdrawalSealType,
  withdrawalSentenceOf,
} from './document.ts'

/**
 * What is wrong with the suppliers and consents of a register.
 * @param verify else seals are not looked at: that is for whoever has no signatures to check
 */
export function checkConsents(
  { nation, suppliers = [], consents = [] }: RegisterDocument,
  verify: Verify | null,
): readonly LocatedIssue[] {
  const issues: LocatedIssue[] = [
    ...checkIds('suppliers', suppliers),
    ...checkIds('consents', consents),
  ]
  const seen = new Map<string, string>()
  for (const [i, supplier] of suppliers.entries()) {
    const at = { place: `suppliers[${i}] (${supplier.id})`, path: ['suppliers', i] }
    const namings = namingsOf(supplier)
    if (namings.length === 0)
      issues.push({
        ...at,
        code: 'NO_SELECTOR',
        message: 'no record can name it: give it names, ncage, uei, lei or records',
      })
    for (const naming of namings) {
      const other = seen.get(naming)
      if (other !== undefined)
        issues.push({
          ...at,
          code: 'SUPPLIER_TWICE',
          message: `${naming.slice(naming.indexOf(':') + 1)} is a name of ${other} already: each name means one supplier`,
        })
      seen.set(naming, supplier.id)
    }
  }
  for (const [i, consent] of consents.entries()) {
    const place = `consents[${i}] (${consent.id})`
    const path = ['consents', i]
    const report = (member: string, code: LocatedIssue['code'], message: string) =>
      issues.push({ code, place: `${place}.${member}`, path: [...path, member], message })
    issues.push(
      ...spanIssues(
        { place: `${place}.expires`, path: [...path, 'expires'] },
        consent.effective,
        consent.expires,
      ),
    )
    for (const field of consent.fields ?? []) {
      const kinds = consent.kinds ?? Kind.options
      if (!kinds.some((kind) => Object.hasOwn(fieldsOf(kind), field)))
        report('fields', 'UNKNOWN_FIELD', `${field} is not a field of ${kinds.join(', ')}`)
    }
    const supplier = suppliers.find(({ id }) => id === consent.supplier)
    if (supplier === undefined) {
      report(
        'supplier',
        'UNKNOWN_SUPPLIER',
        `${consent.supplier} is no supplier of this register: name it under suppliers, with its key`,
      )
      continue
    }
    if (verify === null) continue
    const { key } = supplier
    const sentence = consentSentenceOf(nation, consent)
    if (!hasSealed(consent.seal, consentSealType, sentence, key, verify))
      report(
        'seal',
        'SUPPLIER_SEAL',
        `the key of ${supplier.id} has not sealed this consent to ${nation} as it stands here: only the supplier can change it (entente register consent)`,
      )
    const { withdrawn } = consent
    if (
      withdrawn !== undefined &&
      !hasSealed(
        withdrawn.seal,
        withdrawalSealType,
        withdrawalSentenceOf(nation, consent, withdrawn.from),
        key,
        verify,
      )
    )
      report(
        'withdrawn',
        'SUPPLIER_SEAL',
        `the key of ${supplier.id} has not sealed this withdrawal: an authority ends a consent by revoked`,
      )
  }
  return issues
}
