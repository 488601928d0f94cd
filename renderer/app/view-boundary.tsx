import { Component, type ReactNode } from 'react';
import { ErrorState } from '../kit/index.ts';
import { useText } from '../messages/index.ts';

/** A view that fails must not take the console with it: frame, palette and the other views work on. */
export class ViewBoundary extends Component<{ readonly children: ReactNode }, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error ? <Failed error={error} onRetry={() => this.setState({ error: null })} /> : this.props.children;
  }
}

function Failed({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const t = useText();
  return (
    <ErrorState
      title={t('shell.crash.title')}
      detail={error.message}
      action={t('shell.crash.action')}
      onRetry={onRetry}
    />
  );
}
