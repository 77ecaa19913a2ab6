import { Component, type ReactNode } from 'react';
import { asAppError } from '../api';
import type { AppError } from '../../shared/result';
import { ErrorPanel } from './error-panel';
import { Page } from './page';

interface ErrorBoundaryState {
  error: AppError | null;
}

/** A page that fails to render says so; the frame stays. */
export class ErrorBoundary extends Component<{ children: ReactNode }, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { error: null };

  static getDerivedStateFromError(thrown: unknown): ErrorBoundaryState {
    return { error: asAppError(thrown) };
  }

  private readonly forget = () => this.setState({ error: null });

  override componentDidMount(): void {
    window.addEventListener('hashchange', this.forget);
  }

  override componentWillUnmount(): void {
    window.removeEventListener('hashchange', this.forget);
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <Page title="This page cannot be shown">
        <ErrorPanel error={this.state.error} onRetry={this.forget} />
      </Page>
    );
  }
}
