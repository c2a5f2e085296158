import type { Attribute, PolicyDocument } from '../document.ts'
import { policiesOf, quote, type RowPolicy, spellings } from './row-policies.ts'
import { type Vocabulary, vocabularyOf } from './vocabulary.ts'

/** A policy's rule table said in Cedar, for a second opinion from an engine that is not ours. */
export interface CedarExport {
  readonly vocabulary: Vocabulary
  readonly policies: readonly RowPolicy[]
  /** Policy id to text: the `staticPolicies` of a Cedar policy set. Ids by position would name other rows. */
  readonly staticPolicies: Readonly<Record<string, string>>
  /** All policies in one file; each carries its id as `@id`. */
  readonly text: string
  /** Cedar schema in its own language. */
  readonly schema: string
}

/**
 * Exports the rows of a policy (gate 3) to Cedar policies and a schema. Gates 1 and 2 are code over dated data and are
 * not in it. Cedar knows neither transform nor approve, and where a `forbid` fails it allows: so every row is a `permit`, asked
 * which of them are satisfied (`openCedarAnswer`), and any error means deny.
 * @see Cedar 4, https://docs.cedarpolicy.com (policy and schema syntax)
 */
export function exportCedar(document: PolicyDocument): CedarExport {
  const rows = document.rules.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  const policies = rows.flatMap(policiesOf)
  const vocabulary = vocabularyOf(document)
  return {
    vocabulary,
    policies,
    staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])),
    text: `${policies.map(({ text }) => text).join('\n\n')}\n`,
    schema: schemaOf(vocabulary),
  }
}

/** Every code list is an enumeration: a misspelt code is refused in policies and in questions. All attributes are required. */
function schemaOf(vocabulary: Vocabulary): string {
  const entities = Object.entries(vocabulary).map(
    ([name, codes]) => `entity ${name} enum [${[...codes].map(quote).join(', ')}];`,
  )
  const context = (Object.keys(spellings) as Attribute[]).flatMap((attribute) => {
    const { form, type, path } = spellings[attribute]
    if (!path.startsWith('context.')) return []
    const spelt = {
      one: type,
      time: type,
      set: `Set<${type}>`,
      maybe: `{ known: Bool, values: Set<${type}> }`,
    }[form]
    return [`    ${attribute}: ${spelt},`]
  })
  return `${entities.join('\n')}

// May this nation (principal) receive this field (resource)? known: false, the record does not say.
action "receive" appliesTo {
  principal: ${spellings.recipient.type},
  resource: ${spellings.field.type},
  context: {
${context.join('\n')}
  }
};
`
}
