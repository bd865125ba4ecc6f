/** Why git did not do what it was to do. */
export type GitProblem =
  /** The address is one that is not to be used. */
  | "bad-address"
  /** There is no git on this machine. */
  | "no-git"
  | "unreachable"
  /** It wants to know who is asking. */
  | "needs-credentials"
  | "no-such-reference"
  /** The repository has no such commit, or gives it to nobody. */
  | "no-such-commit"
  /** It has, or sends, more than is taken from anybody. */
  | "too-large"
  /** Whatever else git says, or what it left is not to be used. */
  | "failed";

/** A failure of git that is the user's, or the server's, to mend. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly problem: GitProblem;
  /** One line on what to do about it. */
  readonly help: string | undefined;

  /** `message` is one line, without credentials. */
  constructor(problem: GitProblem, message: string, help?: string) {
    super(message);
    this.problem = problem;
    this.help = help;
  }
}
