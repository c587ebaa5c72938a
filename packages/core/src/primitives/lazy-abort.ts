/** An abort controller that is only made when somebody asks for its signal: few tasks do, and it is larger than all that a task needs. */
export class LazyAbort {
  #controller: AbortController | null = null

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  get isAborted(): boolean {
    return this.#controller?.signal.aborted ?? false
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }
}
