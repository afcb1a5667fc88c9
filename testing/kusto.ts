import { createRequire } from 'node:module';

/** A column of the table, and where that is `Properties`, the dimension of the event. */
interface Operand {
  readonly column: string;
  readonly dimension?: string;
}

/** What a query asks for. */
export interface Query {
  /** What Microsoft's own parser has against it: syntax, and tables, columns and functions that do not exist. */
  readonly objections: readonly string[];
  /** The columns of the table that it names. */
  readonly columns: readonly string[];
  /** The dimensions that it names. */
  readonly dimensions: readonly string[];
  /** The columns of its own rows that are texts. */
  readonly texts: readonly string[];
  /** What it compares with a text by "==" or "!=", or with anything by "in"; no operand where that is no column. */
  readonly comparisons: readonly {
    readonly operand: Operand | undefined;
    readonly values: readonly string[];
  }[];
}

/** A node of the parser's tree, as far as it is looked into. */
interface Node {
  readonly Expression?: Node;
  readonly Selector?: Node;
  readonly Left?: Node;
  readonly Right?: Node;
  readonly Operator?: { toString(): string };
  readonly LiteralValue?: unknown;
  readonly ReferencedSymbol?: unknown;
  toString(): string;
}

interface Kusto {
  readonly KustoCode: {
    ParseAndAnalyze(
      text: string,
      globals: unknown,
    ): {
      readonly Syntax: Node;
      readonly ResultType: {
        readonly Columns: List<{ readonly Name: string; readonly Type: { readonly Name: string } }>;
      };
      GetDiagnostics(): List<{ readonly Message: string }>;
    };
  };
  readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } };
  readonly Symbols: {
    readonly TableSymbol: { From(columns: string): { WithName(name: string): unknown } };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, tables: readonly unknown[]) => unknown };
  };
  readonly Syntax: {
    readonly SyntaxElement: { WalkNodes(root: Node, visit: (node: Node) => void): void };
  };
}

interface List<T> {
  readonly Count: number;
  getItem(index: number): T;
}

// It is made of scripts that leave what they define in globals.
const load = createRequire(import.meta.url);
load('@kusto/language-service-next/bridge.min.js');
load('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { Kusto, Bridge } = globalThis as unknown as {
  readonly Kusto: { readonly Language: Kusto };
  readonly Bridge: { getTypeName(of: unknown): string };
};
const { KustoCode, GlobalState, Symbols, Syntax } = Kusto.Language;

/** The last part of the name of its class; undefined for nothing. */
const kindOf = (of: unknown) => (of ? Bridge.getTypeName(of).split('.').at(-1) : undefined);

/**
 * Reads a query in the Kusto Query Language.
 *
 * @param tables the columns of each table, by their names, with their types
 */
export function readQuery(
  text: string,
  tables: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Query {
  const symbols = Object.entries(tables).map(([name, columns]) => {
    const list = Object.entries(columns).map(([column, type]) => `${column}: ${type}`);
    return Symbols.TableSymbol.From(`(${list.join(', ')})`).WithName(name);
  });
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('workspace', symbols));
  const code = KustoCode.ParseAndAnalyze(text, globals);
  const known = new Set(Object.values(tables).flatMap(Object.keys));
  const nodes = nodesOf(code.Syntax);
  return {
    objections: itemsOf(code.GetDiagnostics()).map((it) => it.Message),
    columns: nodes.filter((node) => isColumn(node) && known.has(nameOf(node))).map(nameOf),
    dimensions: nodes.flatMap((node) => dimensionOf(node) ?? []),
    texts: itemsOf(code.ResultType.Columns).flatMap((it) => (it.Type.Name === 'string' ? [it.Name] : [])),
    comparisons: nodes.flatMap(comparisonOf),
  };
}

function itemsOf<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

function nodesOf(root: Node): Node[] {
  const nodes: Node[] = [];
  Syntax.SyntaxElement.WalkNodes(root, (node) => nodes.push(node));
  return nodes;
}

const nameOf = (node: Node) => node.toString().trim();

function isColumn(node: Node): boolean {
  return kindOf(node) === 'NameReference' && kindOf(node.ReferencedSymbol) === 'ColumnSymbol';
}

/** That of `Properties.name` and of `Properties["name"]`. */
function dimensionOf(node: Node): string | undefined {
  const kind = kindOf(node);
  if (node.Expression === undefined || nameOf(node.Expression) !== 'Properties') return undefined;
  if (kind === 'PathExpression' && node.Selector) return nameOf(node.Selector);
  const [name] = kind === 'ElementExpression' && node.Selector ? literalsIn(node.Selector) : [];
  return name;
}

function literalsIn(node: Node): string[] {
  return nodesOf(node).flatMap((it) => (kindOf(it) === 'LiteralExpression' ? [`${it.LiteralValue}`] : []));
}

function comparisonOf(node: Node): Query['comparisons'] {
  const { Left, Right } = node;
  if (Left === undefined || Right === undefined) return [];
  const isWithText = /^[=!]=$/.test(`${node.Operator}`.trim()) && typeof Right.LiteralValue === 'string';
  if (!isWithText && kindOf(node) !== 'InExpression') return [];
  const [dimension] = nodesOf(Left).flatMap((it) => dimensionOf(it) ?? []);
  const [column] = nodesOf(Left).filter(isColumn).map(nameOf);
  const operand =
    column === undefined ? undefined : { column, ...(dimension !== undefined && { dimension }) };
  return [{ operand, values: literalsIn(Right) }];
}
