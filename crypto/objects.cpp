#include "crypto/objects.hpp"

#include "crypto/text.hpp"

namespace tomoshibi::crypto {

namespace {

constexpr byte version = 1;
constexpr std::size_t signature_bytes = std::tuple_size_v<signature>;
constexpr std::size_t desks_max = 64;
constexpr std::size_t desk_name_bytes_max = 32;
constexpr std::size_t page_bytes_max = 64 << 10;
constexpr std::size_t roster_entries_max = 4096;

constexpr std::string_view centre_tag = "t1/centre", issuer_tag = "t1/issuer", certificate_tag = "t1/cert",
                           roster_tag = "t1/roster", day_tag = "t1/day", one_time_tag = "t1/otk",
                           inbox_tag = "t1/inbox", login_tag = "t1/login", ticket_tag = "t1/ticket",
                           desk_tag = "t1/desk";

bool is_desk_name(bytes_view in) {
  return !in.empty() && in.size() <= desk_name_bytes_max &&
         std::all_of(in.begin(), in.end(), [](byte b) { return b > 0x20 && b < 0x7f; }) &&
         !std::ranges::equal(in, as_bytes(drill_desk_name));
}

// Each object has one `write`, and one `read` that is its mirror: false if a field breaks its rule. Whether the
// reader came out even is asked once, in open_object.

void write(writer& out, const centre_file& file) {
  out.number(version).put(file.centre).put(file.root).number(file.flags).number(file.issued);
  out.number(file.issuer_epoch_least).number(file.roster_epoch_least).number(file.clock_shift_hours);
  out.number(static_cast<std::uint16_t>(file.desks.size()));
  for (const centre_file::desk_entry& desk : file.desks) {
    out.number(static_cast<std::uint16_t>(desk.name.size())).put(desk.name);
    out.number(static_cast<byte>(desk.reachable ? 1 : 0));
  }
  out.number(static_cast<std::uint32_t>(file.page.size())).put(file.page);
}

bool read_desks(reader& in, std::vector<centre_file::desk_entry>& desks) {
  const auto count = in.number<std::uint16_t>();
  if (count > desks_max) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const bytes_view name = in.view(in.number<std::uint16_t>());
    const byte reachable = in.number<byte>();
    centre_file::desk_entry desk{as_text(name), reachable == 1};
    const auto same_name = [&](const centre_file::desk_entry& other) { return other.name == desk.name; };
    if (!is_desk_name(name) || reachable > 1 || std::any_of(desks.begin(), desks.end(), same_name)) return false;
    desks.push_back(std::move(desk));
  }
  return true;
}

bool read(reader& in, centre_file& file) {
  if (in.number<byte>() != version) return false;
  file.centre = in.take<16>();
  file.root = in.take<32>();
  file.flags = in.number<std::uint64_t>();
  file.issued = in.number<seconds>();
  file.issuer_epoch_least = in.number<std::uint64_t>();
  file.roster_epoch_least = in.number<std::uint64_t>();
  file.clock_shift_hours = in.number<std::uint32_t>();
  if (!read_desks(in, file.desks)) return false;
  const auto page_bytes = in.number<std::uint32_t>();
  if (page_bytes > page_bytes_max) return false;
  const bytes_view page = in.view(page_bytes);
  file.page = as_text(page);
  return (file.flags & ~centre_file::flag_demo) == 0 && (file.demo() || file.clock_shift_hours == 0) && is_utf8(page);
}

void write(writer& out, const issuer& fields) {
  out.number(fields.epoch).number(fields.not_before).number(fields.not_after).put(fields.key);
}

bool read(reader& in, issuer& fields) {
  fields.epoch = in.number<std::uint64_t>();
  fields.not_before = in.number<seconds>();
  fields.not_after = in.number<seconds>();
  fields.key = in.take<32>();
  return fields.not_before < fields.not_after;
}

void write(writer& out, const certificate& fields) {
  out.number(version).number(static_cast<byte>(fields.holder)).put(fields.desk).number(fields.serial);
  out.number(fields.not_before).number(fields.not_after).put(fields.sign_key).put(fields.agree_key);
  write_alias(out, fields.alias);
}

bool read(reader& in, certificate& fields) {
  if (in.number<byte>() != version) return false;
  const byte holder = in.number<byte>();
  if (holder < static_cast<byte>(role::counselor) || holder > static_cast<byte>(role::drill)) return false;
  fields.holder = static_cast<role>(holder);
  fields.desk = in.take<16>();
  fields.serial = in.number<std::uint64_t>();
  fields.not_before = in.number<seconds>();
  fields.not_after = in.number<seconds>();
  fields.sign_key = in.take<32>();
  fields.agree_key = in.take<32>();
  auto alias = read_alias(in);
  if (!alias) return false;
  fields.alias = *std::move(alias);
  return fields.not_before < fields.not_after;
}

void write(writer& out, const roster& fields) {
  out.put(fields.centre).put(fields.issuer_hash).number(fields.epoch).put(fields.previous);
  out.number(fields.issued).number(fields.expires).number(static_cast<std::uint16_t>(fields.entries.size()));
  for (const roster::entry& entry : fields.entries) out.put(entry.certificate).number(entry.flags);
}

bool read(reader& in, roster& fields) {
  fields.centre = in.take<16>();
  fields.issuer_hash = in.take<32>();
  fields.epoch = in.number<std::uint64_t>();
  fields.previous = in.take<32>();
  fields.issued = in.number<seconds>();
  fields.expires = in.number<seconds>();
  const auto count = in.number<std::uint16_t>();
  if (count > roster_entries_max) return false;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const roster::entry entry{in.take<32>(), in.number<std::uint64_t>()};
    if ((entry.flags & ~(roster::flag_disabled | roster::flag_reads_letters)) != 0) return false;
    if (i > 0 && !(fields.entries.back().certificate < entry.certificate)) return false;
    fields.entries.push_back(entry);
  }
  return fields.issued < fields.expires;
}

void write(writer& out, const day_key& fields) {
  out.put(fields.certificate_hash).number(fields.not_before).number(fields.not_after).put(fields.key);
}

bool read(reader& in, day_key& fields) {
  fields.certificate_hash = in.take<32>();
  fields.not_before = in.number<seconds>();
  fields.not_after = in.number<seconds>();
  fields.key = in.take<1216>();
  return fields.not_before < fields.not_after;
}

void write(writer& out, const one_time_key& fields) {
  out.put(fields.certificate_hash).put(fields.conversation).put(fields.nonce).put(fields.roster_hash);
  out.put(fields.day_hash).put(fields.key);
}

bool read(reader& in, one_time_key& fields) {
  fields.certificate_hash = in.take<32>();
  fields.conversation = in.take<16>();
  fields.nonce = in.take<32>();
  fields.roster_hash = in.take<32>();
  fields.day_hash = in.take<32>();
  fields.key = in.take<1216>();
  return true;
}

void write(writer& out, const inbox_key& fields) {
  out.put(fields.certificate_hash).number(fields.day).put(fields.key);
}

bool read(reader& in, inbox_key& fields) {
  fields.certificate_hash = in.take<32>();
  fields.day = in.number<local_day>();
  fields.key = in.take<1216>();
  return true;
}

// Asked after `read`, which made sure that the end is after the beginning.
template <class T>
bool lives_too_long(const T&) {
  return false;
}
bool lives_too_long(const certificate& in) { return in.not_after - in.not_before > certificate_life_max; }
bool lives_too_long(const roster& in) { return in.expires - in.issued > roster_life_max; }
bool lives_too_long(const day_key& in) { return in.not_after - in.not_before > day_key_life_max; }

template <class T>
bytes sign_object(const T& fields, std::string_view tag, const sign_seed& seed) {
  writer out;
  write(out, fields);
  bytes object = out.finish();
  const signature made = sign(seed, tag, object);
  object.insert(object.end(), made.begin(), made.end());
  return object;
}

template <class T>
result<T> read_object(bytes_view object) {
  if (object.size() < signature_bytes) return std::unexpected(failure::malformed);
  reader in(object.first(object.size() - signature_bytes));
  T fields;
  if (!read(in, fields) || !in.complete()) return std::unexpected(failure::malformed);
  return fields;
}

// Only for what read_object has taken.
template <class T>
result<T> verify_object(T fields, bytes_view object, std::string_view tag, const sign_public_key& key) {
  const bytes_view payload = object.first(object.size() - signature_bytes);
  const auto made = reader(object.last(signature_bytes)).take<signature_bytes>();
  if (!verify(key, tag, payload, made)) return std::unexpected(failure::wrong_signature);
  if (lives_too_long(fields)) return std::unexpected(failure::out_of_bounds);
  return fields;
}

template <class T>
result<T> open_object(bytes_view object, std::string_view tag, const sign_public_key& key) {
  result<T> fields = read_object<T>(object);
  return fields ? verify_object(std::move(*fields), object, tag, key) : fields;
}

bytes login_payload(const login& fields) {
  return writer()
      .number(static_cast<std::uint16_t>(fields.origin.size()))
      .put(fields.origin)
      .put(fields.nonce)
      .put(fields.certificate_hash)
      .number(fields.time)
      .finish();
}

bytes ticket_payload(bytes_view signed_certificate, const conversation_id& conversation, const survivor_nonce& nonce,
                     seconds time) {
  return writer().put(sha256(signed_certificate)).put(conversation).put(nonce).number(time).finish();
}

}  // namespace

desk_id make_desk_id(const centre_id& centre, std::string_view name) {
  return reader(sha256({as_bytes(desk_tag), centre, as_bytes(name)})).take<16>();
}

bytes sign_centre_file(const centre_file& file, const sign_seed& root) { return sign_object(file, centre_tag, root); }

result<centre_file> open_centre_file(bytes_view object, const hash32& root_fingerprint) {
  result<centre_file> file = read_object<centre_file>(object);
  if (!file) return file;
  if (sha256(file->root) != root_fingerprint) return std::unexpected(failure::wrong_signature);
  const sign_public_key root = file->root;
  return verify_object(std::move(*file), object, centre_tag, root);
}

bytes sign_issuer(const issuer& fields, const sign_seed& root) { return sign_object(fields, issuer_tag, root); }

result<issuer> open_issuer(bytes_view object, const sign_public_key& root) {
  return open_object<issuer>(object, issuer_tag, root);
}

bytes sign_certificate(const certificate& fields, const sign_seed& issuer) {
  return sign_object(fields, certificate_tag, issuer);
}

result<certificate> open_certificate(bytes_view object, const sign_public_key& issuer) {
  return open_object<certificate>(object, certificate_tag, issuer);
}

const roster::entry* roster::find(const hash32& certificate_hash) const {
  const auto at = std::ranges::lower_bound(entries, certificate_hash, {}, &entry::certificate);
  return at != entries.end() && at->certificate == certificate_hash ? &*at : nullptr;
}

bytes sign_roster(const roster& fields, const sign_seed& issuer) { return sign_object(fields, roster_tag, issuer); }

result<roster> open_roster(bytes_view object, const sign_public_key& issuer) {
  return open_object<roster>(object, roster_tag, issuer);
}

bytes sign_day_key(const day_key& fields, const sign_seed& holder) { return sign_object(fields, day_tag, holder); }

result<day_key> open_day_key(bytes_view object, const sign_public_key& holder) {
  return open_object<day_key>(object, day_tag, holder);
}

bytes sign_one_time_key(const one_time_key& fields, const sign_seed& holder) {
  return sign_object(fields, one_time_tag, holder);
}

result<one_time_key> open_one_time_key(bytes_view object, const sign_public_key& holder) {
  return open_object<one_time_key>(object, one_time_tag, holder);
}

bytes sign_inbox_key(const inbox_key& fields, const sign_seed& holder) {
  return sign_object(fields, inbox_tag, holder);
}

result<inbox_key> open_inbox_key(bytes_view object, const sign_public_key& holder) {
  return open_object<inbox_key>(object, inbox_tag, holder);
}

signature sign_login(const login& fields, const sign_seed& holder) {
  return sign(holder, login_tag, login_payload(fields));
}

bool verify_login(const login& fields, const sign_public_key& holder, const signature& made) {
  return verify(holder, login_tag, login_payload(fields), made);
}

bytes sign_ticket(bytes_view signed_certificate, const conversation_id& conversation, const survivor_nonce& nonce,
                  seconds time, const sign_seed& holder) {
  const signature made = sign(holder, ticket_tag, ticket_payload(signed_certificate, conversation, nonce, time));
  return writer(ticket_bytes).put(signed_certificate).number(time).put(made).finish();
}

result<ticket> open_ticket(bytes_view object) {
  reader in(object);
  ticket out;
  const bytes_view signed_certificate = in.view(certificate_bytes);
  out.certificate.assign(signed_certificate.begin(), signed_certificate.end());
  out.time = in.number<seconds>();
  out.made = in.take<signature_bytes>();
  if (!in.complete()) return std::unexpected(failure::malformed);
  return out;
}

bool verify_ticket(const ticket& shown, const conversation_id& conversation, const survivor_nonce& nonce,
                   const sign_public_key& holder) {
  return verify(holder, ticket_tag, ticket_payload(shown.certificate, conversation, nonce, shown.time), shown.made);
}

}  // namespace tomoshibi::crypto
