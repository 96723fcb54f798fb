import { Component, type ComponentChildren } from "preact";
import { words } from "../i18n";
import { warn } from "../warn";

/** Keeps a fault of one part inside it: the rest of the page lives, and the part can be loaded again. */
export class Boundary extends Component<{ name: string; children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    warn(`${this.props.name} failed`, error);
    this.setState({ failed: true });
  }

  render() {
    if (!this.state.failed) return this.props.children;
    return (
      <div class="failed" data-testid="failed">
        <p>{words.value.partFailed}</p>
        <button type="button" class="quiet" onClick={() => this.setState({ failed: false })}>
          {words.value.reloadPart}
        </button>
      </div>
    );
  }
}
