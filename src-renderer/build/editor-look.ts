import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const theme = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '12.5px', lineHeight: '1.6' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 12px 0 6px' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface)',
    color: 'var(--text-faint)',
    border: 'none',
    userSelect: 'none',
  },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 6px', minWidth: '30px' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '1.5px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'light-dark(#d3ddf6, #35405f)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-soft)' },
  '.cm-gutter-lint': { width: '14px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '4px 0 0 3px' },
  '.cm-lint-marker': { width: '9px', height: '9px', content: 'none', borderRadius: '50%' },
  '.cm-lint-marker-error': { backgroundColor: 'var(--removed)' },
  '.cm-lint-marker-warning': { backgroundColor: 'var(--modified)' },
  '.cm-lintRange': { backgroundImage: 'none', textDecorationThickness: '1.5px' },
  '.cm-lintRange-error': { textDecoration: 'underline wavy var(--removed)', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { textDecoration: 'underline wavy var(--modified)', textUnderlineOffset: '3px' },
  '.cm-tooltip': {
    maxWidth: '460px',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    backgroundColor: 'var(--raised)',
    boxShadow: '0 6px 24px var(--shadow)',
    overflow: 'hidden',
    fontFamily: 'var(--sans)',
    fontSize: 'var(--size)',
  },
  '.cm-diagnostic': { padding: '6px 10px', borderLeftWidth: '3px', whiteSpace: 'pre-line' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--removed)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--modified)' },
  '.cm-diagnosticAction': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
    borderRadius: '4px',
    padding: '1px 7px',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--selection)',
    color: 'var(--text)',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)' },
  '.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-textfield': { backgroundColor: 'var(--raised)', border: '1px solid var(--line-strong)' },
  '.cm-button': { background: 'var(--raised)', border: '1px solid var(--line-strong)', borderRadius: '4px' },
  '.cm-searchMatch': { backgroundColor: 'var(--modified-soft)', outline: '1px solid var(--modified)' },
  '.cm-changes .cm-gutterElement': { width: '3px', padding: '0' },
  '.cm-change': { width: '3px', height: '100%' },
  '.cm-change.added': { backgroundColor: 'var(--added)' },
  '.cm-change.modified': { backgroundColor: 'var(--modified)' },
  '.cm-change.removed': {
    height: '0',
    borderTop: '4px solid transparent',
    borderBottom: '4px solid transparent',
    borderLeft: '5px solid var(--removed)',
    transform: 'translateY(-4px)',
  },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: tags.comment, color: 'var(--text-faint)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--run)' },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: 'var(--copy)' },
  { tag: [tags.number, tags.atom], color: 'var(--copy)' },
  { tag: tags.invalid, color: 'var(--removed)' },
]);

/** Dockerfile words and colours, in the window's own tokens. */
export const editorLook: Extension = [theme, StreamLanguage.define(dockerFile), syntaxHighlighting(colours)];
