import { existsSync } from 'node:fs'
import { type Mapping, pathsOf } from '@entente/node'
import { SignedPolicy } from '@entente/policy'
import { isNation } from '@entente/schema'
import type { Session } from './session.ts'

/** Groups of the policy in force; null where there is no node, no policy, or another command keeps the node. */
export async function groupsInForce({
  folder,
  atNode,
}: Pick<Session, 'folder' | 'atNode'>): Promise<readonly string[] | null> {
  if (!existsSync(pathsOf(folder).config)) return null
  const signed = await atNode((api) => api.policyShow()).catch(() => null)
  const parsed = SignedPolicy.safeParse(signed)
  return parsed.success ? Object.keys(parsed.data.policy.groups) : null
}

/** What to say of names behind REL TO that stand for nobody; `groups` null: groups cannot be told. */
export function strangeNames(
  mapping: Mapping,
  groups: readonly string[] | null,
): readonly string[] {
  const labels = [
    ...[mapping.labels, ...Object.values(mapping.labelsOf)].flatMap((each) =>
      Object.values(each ?? {}),
    ),
    ...Object.values(mapping.fields).flatMap(({ label }) => label ?? []),
  ]
  const names = [...new Set(labels.flatMap(({ releasableTo }) => releasableTo))].sort()
  return names.flatMap((name) => {
    if (isNation(name) || groups?.includes(name)) return []
    if (name.length === 3)
      return [`REL TO ${name} names nobody: it is no nation (ISO 3166-1 alpha-3)`]
    return groups === null
      ? []
      : [
          `REL TO ${name} names nobody: it is no group of the policy in force (${groups.join(', ')})`,
        ]
  })
}
