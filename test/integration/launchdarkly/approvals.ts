import { randomUUID } from 'node:crypto';
import type { FixtureFlag } from './flags.ts';
import { Refusal, semanticPatch } from './patch.ts';

export interface FixtureApproval {
  _id: string;
  flag: string;
  environment: string;
  description: string;
  comment: string;
  instructions: unknown[];
  reviewStatus: 'pending' | 'approved' | 'declined';
  status: 'pending' | 'completed' | 'failed' | 'scheduled';
  allReviews: { _id: string; kind: 'approve' | 'decline' | 'comment'; creationDate: number; comment?: string }[];
  creationDate: number;
}

type Review = FixtureApproval['allReviews'][number]['kind'];

/** Approval requests as launchdarkly.com/docs/api/approvals has them, as far as flags go. */
export class Approvals {
  readonly all: FixtureApproval[] = [];
  /** Runs after a request was made, before it is answered: throw to lose the answer. */
  afterCreate: (() => void) | null = null;
  readonly #flagOf: (key: string) => FixtureFlag;
  readonly #write: (flag: FixtureFlag, next: FixtureFlag, comment: string) => void;

  constructor(
    flagOf: (key: string) => FixtureFlag,
    write: (flag: FixtureFlag, next: FixtureFlag, comment: string) => void,
  ) {
    this.#flagOf = flagOf;
    this.#write = write;
  }

  /** Somebody reviews it in LaunchDarkly's own page. */
  review(id: string, kind: Review, comment?: string): void {
    const found = this.#find(id);
    found.allReviews.push({ _id: randomUUID(), kind, creationDate: Date.now(), ...(comment && { comment }) });
    if (kind !== 'comment') found.reviewStatus = kind === 'approve' ? 'approved' : 'declined';
  }

  remove(id: string): void {
    this.all.splice(this.all.indexOf(this.#find(id)), 1);
  }

  list(flag: string, environment: string): unknown {
    this.#flagOf(flag);
    const items = this.all.filter((one) => one.flag === flag && one.environment === environment).map(shown);
    return { items, _links: {} };
  }

  get(id: string): unknown {
    return shown(this.#find(id));
  }

  create(key: string, environment: string, body: unknown): unknown {
    const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const { description, instructions, comment } = fields;
    const unknown = Object.keys(fields).find((name) => !CREATE_FIELDS.includes(name));
    if (unknown !== undefined) throw new Refusal(400, 'invalid_request', `unknown field ${unknown}`);
    if (typeof description !== 'string' || description === '' || !Array.isArray(instructions)) {
      throw new Refusal(400, 'invalid_request', 'description and instructions are required');
    }
    semanticPatch(this.#flagOf(key), { environmentKey: environment, instructions });
    const made: FixtureApproval = {
      _id: randomUUID().replaceAll('-', '').slice(0, 24),
      flag: key,
      environment,
      description,
      comment: typeof comment === 'string' ? comment : '',
      instructions,
      reviewStatus: 'pending',
      status: 'pending',
      allReviews: [],
      creationDate: Date.now(),
    };
    this.all.push(made);
    this.afterCreate?.();
    return shown(made);
  }

  /** "Changes that conflict will fail if approved and applied, and the flag will not be updated." */
  apply(id: string, body: unknown): unknown {
    const found = this.#find(id);
    if (found.reviewStatus !== 'approved' || found.status !== 'pending') {
      throw new Refusal(400, 'invalid_request', 'the approval request cannot be applied');
    }
    const { comment } = (body ?? {}) as { comment?: string };
    const flag = this.#flagOf(found.flag);
    try {
      const next = semanticPatch(flag, { environmentKey: found.environment, instructions: found.instructions });
      this.#write(flag, next, comment ?? found.comment);
      found.status = 'completed';
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      found.status = 'failed';
    }
    return shown(found);
  }

  #find(id: string): FixtureApproval {
    const found = this.all.find(({ _id }) => _id === id);
    if (found === undefined) throw new Refusal(404, 'not_found', 'Invalid resource identifier');
    return found;
  }
}

const CREATE_FIELDS = [
  'description',
  'instructions',
  'comment',
  'notifyMemberIds',
  'notifyTeamKeys',
  'executionDate',
  'operatingOnId',
  'integrationConfig',
];

function shown({ flag: _flag, environment: _environment, comment: _comment, ...approval }: FixtureApproval): unknown {
  return { _version: 1, serviceKind: 'launchdarkly', notifyMemberIds: [], conflicts: [], _links: {}, ...approval };
}
