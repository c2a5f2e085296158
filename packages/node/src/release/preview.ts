import type { Nation } from '@entente/schema'
import type { Preview, PreviewLine } from '../node-api.ts'
import type { PlannedChange } from './plan.ts'
import type { Plan } from './plan-runs.ts'

/** What a plan would newly give each nation, for the officer's eyes: records, fields, transforms and the rule of each. */
export function previewOf(
  plan: Plan,
  titleOf: (change: PlannedChange) => string,
  withheldRecords: (nation: Nation) => number,
): Preview {
  const byNation = new Map<Nation, PlannedChange[]>()
  for (const change of plan.changes) {
    const list = byNation.get(change.recipient)
    if (list === undefined) byNation.set(change.recipient, [change])
    else list.push(change)
  }
  const nations = [...byNation]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([nation, changes]) => {
      const lines = changes.map((change) => lineOf(change, titleOf(change)))
      const fields = lines.flatMap((line) => line.fields)
      return {
        nation,
        puts: changes.length,
        drops: 0,
        fields: fields.length,
        transformed: fields.filter(({ level }) => level !== 'exact').length,
        withheldFields: lines.reduce((sum, line) => sum + line.withheld, 0),
        withheldRecords: withheldRecords(nation),
        lines,
      }
    })
  return { plan: plan.digest, policyEdition: plan.policy?.edition ?? null, nations }
}

function lineOf({ id, composition }: PlannedChange, title: string): PreviewLine {
  return {
    record: id,
    title: pseudonymIn(composition, id) ?? title,
    op: 'put',
    fields: composition.fields.map((field) => ({
      field,
      level: composition.levels[field] ?? 'exact',
      rules: composition.decisions.get(field)?.rules ?? [],
    })),
    withheld: composition.decisions.size - composition.fields.length,
  }
}

/** A preview shows no name that the recipient is not told: where a pseudonym goes, it stands there, with the id by which officers find the record. */
function pseudonymIn(
  { fragment, levels }: PlannedChange['composition'],
  id: string,
): string | null {
  const found = fragment?.disclosures.find(([, field]) => levels[field] === 'pseudonym')
  return found === undefined ? null : `${String(found[2])} (${id})`
}
