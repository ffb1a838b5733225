#include "sql/allowed.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace hansa::sql {
namespace {

// Names one space apart, so that a list reads as a list.
constexpr std::string_view pure_names =
    // arithmetic
    " abs ceil ceiling floor round trunc sign sqrt cbrt exp ln log log10 power pow mod div gcd lcm"
    " degrees radians pi sin cos tan asin acos atan atan2 cot width_bucket scale min_scale"
    " trim_scale"
    // text and bytes
    " lower upper initcap length char_length character_length octet_length bit_length substr"
    " substring left right btrim ltrim rtrim replace translate reverse position strpos split_part"
    " concat concat_ws overlay ascii chr starts_with to_hex md5 sha224 sha256 sha384 sha512 encode"
    " decode convert_to convert_from regexp_match regexp_matches regexp_replace regexp_count"
    " regexp_instr regexp_like regexp_substr regexp_split_to_array regexp_split_to_table"
    " string_to_array string_to_table array_to_string normalize is_normalized unistr to_char"
    " to_number to_date to_timestamp like_escape similar_to_escape"
    // date and time
    " date_part extract date_trunc date_bin make_date make_time make_timestamp make_timestamptz"
    " make_interval justify_days justify_hours justify_interval isfinite timezone overlaps date"
    // JSON
    " to_json to_jsonb row_to_json array_to_json json_build_object json_build_array"
    " jsonb_build_object jsonb_build_array json_object jsonb_object json_array_length"
    " jsonb_array_length json_typeof jsonb_typeof json_extract_path json_extract_path_text"
    " jsonb_extract_path jsonb_extract_path_text jsonb_set jsonb_set_lax jsonb_insert"
    " json_strip_nulls jsonb_strip_nulls jsonb_pretty jsonb_path_exists jsonb_path_match"
    " jsonb_path_query jsonb_path_query_array jsonb_path_query_first json_array_elements"
    " json_array_elements_text jsonb_array_elements jsonb_array_elements_text json_each"
    " json_each_text jsonb_each jsonb_each_text json_object_keys jsonb_object_keys json_to_record"
    " json_to_recordset jsonb_to_record jsonb_to_recordset"
    // arrays and ranges
    " unnest array_append array_prepend array_cat array_length array_ndims array_lower array_upper"
    " array_position array_positions array_remove array_replace cardinality trim_array"
    " generate_subscripts isempty lower_inc upper_inc lower_inf upper_inf int4range int8range"
    " numrange tsrange tstzrange daterange range_merge num_nulls num_nonnulls"
    // window
    " row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value"
    " nth_value ";

constexpr std::string_view aggregate_names =
    " count sum avg min max bool_and bool_or every bit_and bit_or bit_xor array_agg string_agg"
    " json_agg jsonb_agg json_object_agg jsonb_object_agg stddev stddev_pop stddev_samp variance"
    " var_pop var_samp corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept"
    " regr_r2 regr_slope regr_sxx regr_sxy regr_syy percentile_cont percentile_disc mode range_agg"
    " range_intersect_agg ";

// age with two arguments is pure; judge() tells them apart.
constexpr std::string_view clock_names =
    " now statement_timestamp transaction_timestamp clock_timestamp timeofday age current_date"
    " current_time current_timestamp localtime localtimestamp ";
constexpr std::string_view random_names = " random gen_random_uuid ";
constexpr std::string_view bounded_names = " repeat lpad rpad format generate_series ";

constexpr std::string_view operator_names =
    " + - * / % ^ |/ ||/ @ & | # ~ << >> = <> != < <= > >= || ~* !~ !~* ~~ ~~* !~~ !~~* -> ->> #>"
    " #>> #- @> <@ ? ?| ?& @? @@ && -|- &< &> ^@ ";

constexpr std::string_view type_names =
    " bool int2 int4 int8 numeric float4 float8 text varchar bpchar date time timetz timestamp"
    " timestamptz interval uuid bytea json jsonb jsonpath bit varbit int4range int8range numrange"
    " tsrange tstzrange daterange ";

bool listed(std::string_view list, std::string_view name) {
  if (name.empty() || name.find(' ') != std::string_view::npos) return false;
  for (std::size_t at = list.find(name); at != std::string_view::npos;
       at = list.find(name, at + 1)) {
    if (list[at - 1] == ' ' && list[at + name.size()] == ' ') return true;
  }
  return false;
}

struct Reason {
  std::string_view prefix;
  std::string_view why;
};
constexpr std::array reasons = {
    Reason{"set_config", "it changes the session"},
    Reason{"current_setting", "it reads the session's settings"},
    Reason{"query_to_xml", "it runs SQL that is hidden in a text"},
    Reason{"table_to_xml", "it reads relations that are hidden in a text"},
    Reason{"cursor_to_xml", "it reads relations that are hidden in a text"},
    Reason{"schema_to_xml", "it reads relations that are hidden in a text"},
    Reason{"database_to_xml", "it reads relations that are hidden in a text"},
    Reason{"ts_stat", "it runs SQL that is hidden in a text"},
    Reason{"ts_rewrite", "it runs SQL that is hidden in a text"},
    Reason{"dblink", "it opens connections"},
    Reason{"lo_", "it reads and writes large objects and files"},
    Reason{"nextval", "it changes a sequence; leave the column out, its default draws a number"},
    Reason{"setval", "it changes a sequence"},
    Reason{"currval", "it depends on the session"},
    Reason{"lastval", "it depends on the session"},
    Reason{"txid_", "it depends on the server's state"},
    Reason{"pg_", "it belongs to the server's administration"},
    Reason{"has_", "it inspects rights"},
    Reason{"inet_", "it inspects the connection"},
    Reason{"version", "it inspects the server"},
    Reason{"setseed", "it changes the session"},
};

std::optional<long long> number(Literal const& literal) {
  long long value = 0;
  if (!literal) return std::nullopt;
  auto const* end = literal->data() + literal->size();
  auto const [stop, error] = std::from_chars(literal->data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

bool small(Literal const& literal) {
  auto const value = number(literal);
  return value && *value <= result_size_max;
}

// Widths of format() are written as digits or taken from an argument by `*`.
bool small_widths(std::string_view text) {
  std::size_t digits = 0;
  for (char const c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (c == '*' || digits > 3) return false;
  }
  return true;
}

bool small_series(std::span<Literal const> arguments) {
  constexpr long long far = 1'000'000'000'000;
  if (arguments.size() < 2 || arguments.size() > 3) return false;
  auto const from = number(arguments[0]);
  auto const to = number(arguments[1]);
  auto const step = arguments.size() == 3 ? number(arguments[2]) : 1;
  if (!from || !to || !step || *step == 0) return false;
  for (auto const value : {*from, *to, *step})
    if (value < -far || value > far) return false;
  return (*to - *from) / *step <= result_size_max;
}

}  // namespace

FunctionClass function_class(std::string_view name) {
  if (listed(pure_names, name)) return FunctionClass::pure;
  if (listed(aggregate_names, name)) return FunctionClass::aggregate;
  if (listed(clock_names, name)) return FunctionClass::clock;
  if (listed(random_names, name)) return FunctionClass::random;
  if (listed(bounded_names, name)) return FunctionClass::bounded;
  return FunctionClass::refused;
}

std::string_view unbounded(Function const& call) {
  auto const& arguments = call.arguments;
  if (call.name == "generate_series")
    return small_series(arguments) ? "" : "write its bounds as whole numbers, at most 10000 apart";
  if (call.name == "format")
    return !arguments.empty() && arguments[0] && small_widths(*arguments[0])
               ? ""
               : "write its pattern as a literal with widths under 1000 and without `*`";
  return arguments.size() >= 2 && small(arguments[1])
             ? ""
             : "write its length as a whole number of at most 10000";
}

std::string_view why_refused(std::string_view name) {
  for (auto const& [prefix, why] : reasons)
    if (name.starts_with(prefix)) return why;
  return {};
}

bool operator_allowed(std::string_view name) { return listed(operator_names, name); }
bool type_allowed(std::string_view name) { return listed(type_names, name); }

}  // namespace hansa::sql
