import { PolicyDocument } from '@entente/policy'
import type { AddFinding } from '../finding.ts'
import type { Leaf, Leaves } from '../statements/leaves.ts'
import type { Working } from '../work/work.ts'
import { fragmentsTask } from './fragments-task.ts'
import type { Premise, PremiseOf, Premises } from './recompose.ts'

/**
 * Step 9, catalogues: each line that one offers is shown by a record that the policy, applied to the inputs, lets go to that nation;
 * titles and stewards are those of the policy. That it may offer less is nobody's business.
 */
export function* replayCatalogues(
  replaying: Premises & { readonly leaves: Leaves },
  premiseOf: PremiseOf,
  found: AddFinding,
): Working<void> {
  const catalogues: { readonly leaf: Leaf<'catalogue'>; readonly premises: readonly Premise[] }[] =
    []
  for (const leaf of replaying.leaves.byIndex.values()) {
    if (leaf.kind !== 'catalogue' || leaf.statement.datasets.length === 0) continue
    const inputs = replaying.inputs.get(leaf.index)
    if (leaf.statement.inputs !== null && inputs === undefined) continue
    const premises = (inputs?.records ?? []).flatMap(([record]) => {
      const premise = premiseOf(leaf, record)
      if (premise !== null && 'code' in premise)
        found(premise.code, `catalogue ${leaf.index}: ${premise.message}`, leaf.index)
      return premise === null || 'code' in premise || premise.question === null ? [] : [premise]
    })
    catalogues.push({ leaf, premises })
  }
  if (catalogues.length === 0) return
  const pending = [...catalogues]
  yield {
    tasks: catalogues.map(({ premises }) =>
      fragmentsTask(
        premises.flatMap(({ question }) => question ?? []),
        replaying,
      ),
    ),
    take: (answer) => {
      const one = pending.shift()
      if (one === undefined || answer.kind !== 'fragments') return
      const shown = new Set<string>()
      for (const [i, composed] of answer.fragments.entries()) {
        const source = one.premises[i]?.source
        if (source == null || composed.digest === null) continue
        shown.add(`${source.dataset} kind ${source.kind}`)
        for (const topic of composed.topics) shown.add(`${source.dataset} topic ${topic}`)
      }
      checkCatalogue(one.leaf, shown, replaying, found)
    },
  }
}

function checkCatalogue(
  { index, statement: { policy, recipient, datasets } }: Leaf<'catalogue'>,
  shown: ReadonlySet<string>,
  { policies }: Pick<Premises, 'policies'>,
  found: AddFinding,
): void {
  const logged = policy === null ? undefined : policies.get(policy)
  const document = PolicyDocument.safeParse(logged?.document ?? null)
  // A policy that is not shown has its own finding; one that the catalogue does not name offers nothing.
  if (policy !== null && !document.success) return
  const over = (what: string) =>
    found('CATALOGUE_OVER', `catalogue ${index} offers ${recipient} ${what}`, index)
  for (const { dataset, title, description, steward, kinds, topics } of datasets) {
    const named = document.success ? document.data.datasets[dataset] : undefined
    if (named === undefined) {
      over(`${dataset}, which the policy does not name`)
      continue
    }
    if (named.title !== title || named.description !== description || named.steward !== steward)
      over(`${dataset} under other words than those of the policy`)
    for (const kind of kinds)
      if (!shown.has(`${dataset} kind ${kind}`))
        over(`${kind} of ${dataset}, of which nothing may go`)
    for (const topic of topics)
      if (named.mode !== 'live' || !shown.has(`${dataset} topic ${topic}`))
        over(`a topic of ${dataset} that may not go`)
  }
}
