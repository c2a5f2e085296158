import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { loadOwn, selfOf } from './node-folder.ts'
import { pathsOf } from './paths.ts'
import { beforeOf, openOwnRoster, readRosterJson, refusedOf } from './roster-store.ts'

/** The node has opened with the roster that is installed: what was before it is not needed any more. */
export const settleRoster = (folder: string): void =>
  rmSync(beforeOf(pathsOf(folder).roster), { force: true })

/**
 * Puts the roster back that was in force before, when the node does not open with the new one: a node that starts, fails and starts again
 * for ever helps nobody. The new one is kept aside, and is not installed again by itself.
 * @returns false: there is none to put back, or it is not of the keys that lie here now
 */
export function putBackRoster(folder: string): boolean {
  const own = loadOwn(folder)
  const path = own.rosterPath
  const before = beforeOf(path)
  if (!existsSync(before) || !existsSync(path)) return false
  const old = readRosterJson(before)
  try {
    if (old !== null) openOwnRoster(old, selfOf(own))
  } catch {
    return false
  }
  copyFileSync(path, refusedOf(path))
  if (old === null) {
    rmSync(path)
    rmSync(before)
  } else renameSync(before, path)
  return true
}
