import { z } from 'zod'

/**
 * What people do at the nation that receives something; a closed list. Nobody acts in two at once, so that what two limits have in common
 * is plain. The first four are functional areas of acquisition (DoDI 5000.66), `release-officer` decides what goes abroad
 * (DoDD 5230.11: foreign disclosure officer), `contractor` is everybody who is not the government's own (CUI registry: NOCON, FEDCON).
 */
export const roles = [
  'contracting',
  'engineering',
  'logistics',
  'program-management',
  'release-officer',
  'contractor',
] as const
export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

/** A set of roles, sorted, each once, never empty: nobody is no limit that can be said. */
export const RoleLimit = z
  .array(Role)
  .min(1)
  .readonly()
  .refine((list) => list.every((role, i) => i === 0 || (list[i - 1] as string) < role), {
    error: 'must be sorted and without repeats',
  })
export type RoleLimit = z.infer<typeof RoleLimit>

/** What two limits leave; null is no limit. Idempotent, commutative, associative; it never has a role that either has not. */
export const joinLimits = (
  a: readonly Role[] | null,
  b: readonly Role[] | null,
): readonly Role[] | null => {
  if (a === null) return b
  if (b === null) return a
  return a.filter((role) => b.includes(role))
}

/** Whether a limit lets some role read that the other did not. */
export const widensLimit = (before: readonly Role[] | null, after: readonly Role[] | null) =>
  before !== null && (after === null || after.some((role) => !before.includes(role)))
