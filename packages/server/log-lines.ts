import { type DestinationStream, destination, type Logger, pino } from 'pino'
import type { LogLevel } from './settings.ts'

/** A logger of JSON lines with their time and nothing of the machine, to standard output unless told. */
export function logLines(level: LogLevel, out: DestinationStream = destination({ sync: false })): Logger {
  return pino({ level, base: null, timestamp: () => `,"time":${Date.now()}` }, out)
}
