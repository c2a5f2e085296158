import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

let session: Session | null = null

/** Starts a CPU profile of this process. */
export async function startProfile(): Promise<void> {
  session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
}

/** Ends the profile and writes it as the developer tools of a browser read it. */
export async function stopProfile(path: string): Promise<void> {
  if (session === null) return
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  session = null
  writeFileSync(path, JSON.stringify(profile))
}
