import type { JointKind } from '../statement/joint.ts'
import type { ChangeOp } from './read-change.ts'

/** Path of the one text that members write together. */
export const JOINT_TEXT = 'text'

/** Where values of a document of each kind stand, beside its text, and the name under which a policy decides on each. */
export const jointPaths = {
  requirement: {
    title: 'title',
    'needed-by': 'needed_by',
    'value.NAME.threshold': 'values',
    'value.NAME.objective': 'values',
    'value.NAME.unit': 'values',
  },
  buy: {
    title: 'title',
    item: 'item',
    nsn: 'item',
    date: 'needed_by',
    unit: 'quantity',
    'quantity.NATION': 'quantity',
  },
  actions: {
    title: 'title',
    'action.NAME.what': 'actions',
    'action.NAME.owner': 'actions',
    'action.NAME.due': 'actions',
    'action.NAME.state': 'actions',
  },
} as const satisfies Record<JointKind, Readonly<Record<string, string>>>

const name = '[a-z0-9][a-z0-9-]{0,31}'
const patternOf = (shown: string): RegExp =>
  new RegExp(
    `^${shown.replaceAll('.', '\\.').replace('NAME', name).replace('NATION', '[A-Z]{3}')}$`,
  )
const patterns = new Map(
  Object.entries(jointPaths).map(([kind, paths]) => [
    kind,
    Object.entries(paths).map(([shown, field]) => ({ shown, field, pattern: patternOf(shown) })),
  ]),
)

/** The path of a kind that this one is, and the name under which the policy decides on what stands there; null: the kind has none such. */
export const jointPath = (
  kind: JointKind,
  path: string,
): { readonly shown: string; readonly field: string } | null =>
  path === JOINT_TEXT
    ? { shown: JOINT_TEXT, field: JOINT_TEXT }
    : (patterns.get(kind)?.find(({ pattern }) => pattern.test(path)) ?? null)

/**
 * What a change writes, by the policy's names, sorted: from its operations alone. A path that the kind does not have stands for itself. An
 * empty text is made with each document, and says nothing.
 */
export function fieldsWritten(kind: JointKind, ops: readonly ChangeOp[]): readonly string[] {
  const fields = ops.flatMap(({ object, key, action }) => {
    if (object !== null) return [JOINT_TEXT]
    if (action === 'make-text' || key === null) return []
    return [jointPath(kind, key)?.field ?? key]
  })
  return [...new Set(fields)].sort()
}
