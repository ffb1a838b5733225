#include "sql/shape.h"

#include <algorithm>
#include <array>

namespace hansa::sql {
namespace {

constexpr Field scalar(std::string_view name) { return {name}; }
constexpr Field nodes(std::string_view name) { return {name, Field::Holds::nodes}; }
constexpr Field direct(std::string_view name, std::string_view kind) {
  return {name, Field::Holds::direct, kind};
}
constexpr Field refused(std::string_view name) { return {name, Field::Holds::refused}; }
constexpr Field place = {"location", Field::Holds::place};

// Statements and what stands in FROM.
constexpr std::array select_fields = {nodes("distinctClause"),
                                      refused("intoClause"),
                                      nodes("targetList"),
                                      nodes("fromClause"),
                                      nodes("whereClause"),
                                      nodes("groupClause"),
                                      scalar("groupDistinct"),
                                      nodes("havingClause"),
                                      nodes("windowClause"),
                                      nodes("valuesLists"),
                                      nodes("sortClause"),
                                      nodes("limitOffset"),
                                      nodes("limitCount"),
                                      scalar("limitOption"),
                                      nodes("lockingClause"),
                                      direct("withClause", "WithClause"),
                                      scalar("op"),
                                      scalar("all"),
                                      direct("larg", "SelectStmt"),
                                      direct("rarg", "SelectStmt")};
constexpr std::array insert_fields = {direct("relation", "RangeVar"),
                                      nodes("cols"),
                                      nodes("selectStmt"),
                                      direct("onConflictClause", "OnConflictClause"),
                                      nodes("returningList"),
                                      direct("withClause", "WithClause"),
                                      scalar("override")};
constexpr std::array update_fields = {
    direct("relation", "RangeVar"), nodes("targetList"),
    nodes("whereClause"),           nodes("fromClause"),
    nodes("returningList"),         direct("withClause", "WithClause")};
constexpr std::array delete_fields = {direct("relation", "RangeVar"), nodes("usingClause"),
                                      nodes("whereClause"), nodes("returningList"),
                                      direct("withClause", "WithClause")};
constexpr std::array merge_fields = {direct("relation", "RangeVar"), nodes("sourceRelation"),
                                     nodes("joinCondition"), nodes("mergeWhenClauses"),
                                     direct("withClause", "WithClause")};
constexpr std::array merge_when_fields = {scalar("matched"),   scalar("commandType"),
                                          scalar("override"),  nodes("condition"),
                                          nodes("targetList"), nodes("values")};
constexpr std::array on_conflict_fields = {scalar("action"), direct("infer", "InferClause"),
                                           nodes("targetList"), nodes("whereClause"), place};
constexpr std::array infer_fields = {nodes("indexElems"), nodes("whereClause"), scalar("conname"),
                                     place};
constexpr std::array index_fields = {scalar("name"), nodes("expr"), scalar("ordering"),
                                     scalar("nulls_ordering")};
constexpr std::array with_fields = {nodes("ctes"), scalar("recursive"), place};
constexpr std::array cte_fields = {scalar("ctename"),
                                   scalar("aliascolnames"),
                                   scalar("ctematerialized"),
                                   nodes("ctequery"),
                                   direct("search_clause", "CTESearchClause"),
                                   direct("cycle_clause", "CTECycleClause"),
                                   place};
constexpr std::array search_fields = {scalar("search_col_list"), scalar("search_breadth_first"),
                                      scalar("search_seq_column"), place};
constexpr std::array cycle_fields = {scalar("cycle_col_list"),    scalar("cycle_mark_column"),
                                     nodes("cycle_mark_value"),   nodes("cycle_mark_default"),
                                     scalar("cycle_path_column"), place};
constexpr std::array range_fields = {scalar("catalogname"),
                                     scalar("schemaname"),
                                     scalar("relname"),
                                     scalar("inh"),
                                     scalar("relpersistence"),
                                     direct("alias", "Alias"),
                                     place};
constexpr std::array alias_fields = {scalar("aliasname"), scalar("colnames")};
constexpr std::array subselect_fields = {scalar("lateral"), nodes("subquery"),
                                         direct("alias", "Alias")};
constexpr std::array range_function_fields = {scalar("lateral"),        scalar("ordinality"),
                                              scalar("is_rowsfrom"),    nodes("functions"),
                                              direct("alias", "Alias"), nodes("coldeflist")};
constexpr std::array column_def_fields = {scalar("colname"), direct("typeName", "TypeName"),
                                          scalar("is_local"), place};
constexpr std::array join_fields = {scalar("jointype"),    scalar("isNatural"),
                                    nodes("larg"),         nodes("rarg"),
                                    scalar("usingClause"), direct("join_using_alias", "Alias"),
                                    nodes("quals"),        direct("alias", "Alias")};
constexpr std::array sample_fields = {nodes("relation"), scalar("method"), nodes("args"),
                                      nodes("repeatable"), place};
constexpr std::array xml_table_fields = {scalar("lateral"),
                                         nodes("docexpr"),
                                         nodes("rowexpr"),
                                         refused("namespaces"),
                                         refused("columns"),
                                         direct("alias", "Alias"),
                                         place};
constexpr std::array locking_fields = {refused("lockedRels"), scalar("strength"),
                                       scalar("waitPolicy")};

// Expressions.
constexpr std::array target_fields = {scalar("name"), nodes("indirection"), nodes("val"), place};
constexpr std::array multi_assign_fields = {nodes("source"), scalar("colno"), scalar("ncolumns")};
constexpr std::array call_fields = {scalar("funcname"),
                                    nodes("args"),
                                    nodes("agg_order"),
                                    nodes("agg_filter"),
                                    direct("over", "WindowDef"),
                                    scalar("agg_within_group"),
                                    scalar("agg_star"),
                                    scalar("agg_distinct"),
                                    scalar("func_variadic"),
                                    scalar("funcformat"),
                                    place};
constexpr std::array window_fields = {
    scalar("name"),         scalar("refname"),    nodes("partitionClause"), nodes("orderClause"),
    scalar("frameOptions"), nodes("startOffset"), nodes("endOffset"),       place};
constexpr std::array named_arg_fields = {nodes("arg"), scalar("name"), scalar("argnumber"), place};
constexpr std::array cast_fields = {nodes("arg"), direct("typeName", "TypeName"), place};
constexpr std::array type_fields = {scalar("names"),
                                    scalar("setof"),
                                    scalar("pct_type"),
                                    nodes("typmods"),
                                    scalar("typemod"),
                                    scalar("arrayBounds"),
                                    place};
constexpr std::array operator_fields = {scalar("kind"), scalar("name"), nodes("lexpr"),
                                        nodes("rexpr"), place};
constexpr std::array column_fields = {scalar("fields"), place};
constexpr std::array sublink_fields = {scalar("subLinkType"), nodes("testexpr"), scalar("operName"),
                                       nodes("subselect"), place};
constexpr std::array indirection_fields = {nodes("arg"), nodes("indirection")};
constexpr std::array indices_fields = {scalar("is_slice"), nodes("lidx"), nodes("uidx")};
constexpr std::array const_fields = {scalar("ival"), scalar("fval"),  scalar("boolval"),
                                     scalar("sval"), scalar("bsval"), scalar("isnull"),
                                     place};
constexpr std::array args_fields = {nodes("args"), place};
constexpr std::array min_max_fields = {scalar("op"), nodes("args"), place};
constexpr std::array bool_fields = {scalar("boolop"), nodes("args"), place};
constexpr std::array row_fields = {nodes("args"), scalar("row_format"), place};
constexpr std::array array_fields = {nodes("elements"), place};
constexpr std::array case_fields = {nodes("arg"), nodes("args"), nodes("defresult"), place};
constexpr std::array when_fields = {nodes("expr"), nodes("result"), place};
constexpr std::array null_test_fields = {nodes("arg"), scalar("nulltesttype"), place};
constexpr std::array bool_test_fields = {nodes("arg"), scalar("booltesttype"), place};
constexpr std::array grouping_set_fields = {scalar("kind"), nodes("content"), place};
constexpr std::array sort_fields = {nodes("node"), scalar("sortby_dir"), scalar("sortby_nulls"),
                                    scalar("useOp"), place};
constexpr std::array collate_fields = {nodes("arg"), scalar("collname"), place};
constexpr std::array value_function_fields = {scalar("op"), scalar("typmod"), place};
constexpr std::array default_fields = {place};
constexpr std::array parameter_fields = {scalar("number"), place};
constexpr std::array list_fields = {nodes("items")};
constexpr std::array xml_fields = {scalar("op"),  scalar("name"),      nodes("named_args"),
                                   nodes("args"), scalar("xmloption"), place};
constexpr std::array xml_text_fields = {scalar("xmloption"), nodes("expr"),
                                        direct("typeName", "TypeName"), place};
constexpr std::array cursor_fields = {scalar("cursor_name")};
constexpr std::array<Field, 0> no_fields = {};

constexpr std::array shapes = {
    Shape{"SelectStmt", select_fields},
    Shape{"InsertStmt", insert_fields},
    Shape{"UpdateStmt", update_fields},
    Shape{"DeleteStmt", delete_fields},
    Shape{"MergeStmt", merge_fields},
    Shape{"MergeWhenClause", merge_when_fields},
    Shape{"OnConflictClause", on_conflict_fields},
    Shape{"InferClause", infer_fields},
    Shape{"IndexElem", index_fields},
    Shape{"WithClause", with_fields},
    Shape{"CommonTableExpr", cte_fields},
    Shape{"CTESearchClause", search_fields},
    Shape{"CTECycleClause", cycle_fields},
    Shape{"RangeVar", range_fields},
    Shape{"Alias", alias_fields},
    Shape{"RangeSubselect", subselect_fields},
    Shape{"RangeFunction", range_function_fields},
    Shape{"ColumnDef", column_def_fields},
    Shape{"JoinExpr", join_fields},
    Shape{"RangeTableSample", sample_fields},
    Shape{"RangeTableFunc", xml_table_fields},
    Shape{"LockingClause", locking_fields},
    Shape{"ResTarget", target_fields},
    Shape{"MultiAssignRef", multi_assign_fields},
    Shape{"FuncCall", call_fields},
    Shape{"WindowDef", window_fields},
    Shape{"NamedArgExpr", named_arg_fields},
    Shape{"TypeCast", cast_fields},
    Shape{"TypeName", type_fields},
    Shape{"A_Expr", operator_fields},
    Shape{"ColumnRef", column_fields},
    Shape{"SubLink", sublink_fields},
    Shape{"A_Indirection", indirection_fields},
    Shape{"A_Indices", indices_fields},
    Shape{"A_Const", const_fields},
    Shape{"CoalesceExpr", args_fields},
    Shape{"GroupingFunc", args_fields},
    Shape{"MinMaxExpr", min_max_fields},
    Shape{"BoolExpr", bool_fields},
    Shape{"RowExpr", row_fields},
    Shape{"A_ArrayExpr", array_fields},
    Shape{"CaseExpr", case_fields},
    Shape{"CaseWhen", when_fields},
    Shape{"NullTest", null_test_fields},
    Shape{"BooleanTest", bool_test_fields},
    Shape{"GroupingSet", grouping_set_fields},
    Shape{"SortBy", sort_fields},
    Shape{"CollateClause", collate_fields},
    Shape{"SQLValueFunction", value_function_fields},
    Shape{"SetToDefault", default_fields},
    Shape{"ParamRef", parameter_fields},
    Shape{"List", list_fields},
    Shape{"XmlExpr", xml_fields},
    Shape{"XmlSerialize", xml_text_fields},
    Shape{"CurrentOfExpr", cursor_fields},
    Shape{"String", no_fields},
    Shape{"A_Star", no_fields},
};

}  // namespace

Field const* Shape::find(std::string_view name) const {
  auto const found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

Shape const* find_shape(std::string_view kind) {
  auto const found = std::ranges::find(shapes, kind, &Shape::kind);
  return found == shapes.end() ? nullptr : &*found;
}

}  // namespace hansa::sql
