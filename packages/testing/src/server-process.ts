import type { Provider } from './test-server.ts'

/** A server as its provider controls it; the contract after environment, container and embedded. */
export interface ServerProcess {
  readonly url: string
  readonly providedBy: Provider
  /** Returns when the process is gone. */
  kill(): Promise<void>
  /** Returns when the process runs, which is before it accepts connections. */
  start(): Promise<void>
  pause(): Promise<void>
  unpause(): Promise<void>
  /** Ends the process and deletes its data. */
  stop(): Promise<void>
  /** False once the process has ended, by itself or not. */
  isRunning(): Promise<boolean>
  /** The last lines that the server wrote, for error messages. */
  output(): Promise<string>
}
