import type { ApprovalItem } from '../../../shared/model/approval.ts';
import { exposureText } from '../../kit/change/describe.ts';
import { code, environment, Sentence } from '../../kit/change/sentence.tsx';
import { type TextParams, type Translate, useText } from '../../messages/index.ts';

const IDS = { kill: 'approvals.asks.kill', undo: 'approvals.asks.undo', rollout: 'approvals.asks.rollout' } as const;

interface Marks {
  code(text: string): string;
  environment(name: string, tone: 'production' | 'neutral'): string;
}

const PLAIN: Marks = { code: (text) => text, environment: (name) => name };

function parts(t: Translate, item: ApprovalItem, marks: Marks) {
  const { batch, changes } = item;
  const payload = changes[0]?.payload;
  const tone = payload?.tone ?? 'neutral';
  const where = marks.environment(item.request.body.environment, tone);
  if (batch || !payload) {
    const params: TextParams = { count: changes.length, name: batch?.name ?? '', environment: where };
    return { id: 'approvals.asks.batch', params } as const;
  }
  const { flag, before, after, action } = payload;
  const params: TextParams = {
    flag: marks.code(flag),
    environment: where,
    variant: after.serves === null ? t('changes.codeDefault') : marks.code(after.serves),
    percentage: after.percentage ?? 0,
    now: exposureText(t, before),
    next: exposureText(t, after),
  };
  return { id: IDS[action], params } as const;
}

/** "Set … to off in PRODUCTION. Now: … Then: …": one request in one sentence (D1). */
export function Asks({ item }: { readonly item: ApprovalItem }) {
  const t = useText();
  const { id, params } = parts(t, item, { code, environment });
  return <Sentence id={id} params={params} />;
}

/** The same without marks: for what is read out, and for accessible names. */
export function asksText(t: Translate, item: ApprovalItem): string {
  const { id, params } = parts(t, item, PLAIN);
  return t(id, params);
}
