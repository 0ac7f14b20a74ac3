#include "server/serve.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "crypto/base64.hpp"
#include "server/centre/centre.hpp"
#include "server/control.hpp"
#include "server/expiry.hpp"
#include "server/front_page.hpp"
#include "server/gzip.hpp"
#include "server/net/self_signed.hpp"
#include "server/net/server.hpp"
#include "server/pages.hpp"
#include "server/plan.hpp"
#include "server/process.hpp"
#include "server/status.hpp"
#include "server/wire/codec.hpp"
#include "storage/sqlite_store.hpp"

namespace tomoshibi {
namespace {

namespace asio = boost::asio;

// The store, the log, the listening sockets.
constexpr std::size_t files_kept_for_others = 64;

net::server_settings listening(const serve_settings& wanted, const config::centre_settings& from) {
  net::server_settings out;
  out.addresses = from.server.addresses;
  out.origins = from.server.other_origins;
  out.origins.insert(out.origins.begin(), from.server.public_origin);
  out.port = wanted.port.value_or(from.server.port);
  out.http_port = from.server.http_port;
  out.acme_folder = from.server.acme_folder;
  out.proxies = from.server.proxies;
  if (wanted.listen) {
    out.addresses.push_back(*wanted.listen);
    const bool is_ipv6 = wanted.listen->find(':') != std::string::npos;
    out.origins.push_back("https://" + (is_ipv6 ? "[" + *wanted.listen + "]" : *wanted.listen) + ":{port}");
  }
  out.certificate_file = wanted.of.tls_certificate();
  out.key_file = wanted.of.tls_key();
  out.subprotocol = wire::subprotocol;
  out.message_bytes_max = wire::message_bytes_max;
  out.outbox_bytes_max = centre::outbox_bytes_max;
  out.message_cost_bytes = centre::message_cost_bytes;
  const wire::error_entry& too_slow = wire::describe(wire::error::too_slow);
  out.too_slow = {too_slow.close_code, std::string(too_slow.name)};
  const std::size_t files = std::max(take_all_files(), 2 * files_kept_for_others);
  out.connections_max = std::min(out.connections_max, files - files_kept_for_others);
  return out;
}

net::page answer(unsigned status, std::string type, std::string body) {
  return {.status = status, .type = std::move(type), .body = std::make_shared<const std::string>(std::move(body))};
}

// What the folder says now of who belongs to the centre.
struct signed_state {
  believed shown;
  std::vector<member> members;
};
file_result<signed_state> read_signed_state(const folder& of) {
  auto shown = read_trust_to_serve(of, machine_clock());
  if (!shown) return std::unexpected(shown.error());
  const auto by = read_authority(of);
  if (!by) return std::unexpected(by.error());
  auto members = read_members(of, by->issuers);
  if (!members) return std::unexpected(members.error());
  return signed_state{*std::move(shown), *std::move(members)};
}

// One running centre: the sockets on one side, the store on the other, the desks between.
class running final : public net::audience, public centre::outlet {
 public:
  running(const serve_settings& wanted, config::centre_settings from, signed_state found, pages built,
          crypto::seconds shift, std::unique_ptr<storage::sqlite_store> keeps)
      : of_(wanted.of),
        from_(std::move(from)),
        shown_(std::move(found.shown)),
        members_(std::move(found.members)),
        pages_(std::move(built)),
        shift_(shift),
        store_(std::move(keeps)),
        beat_(io_),
        signals_(io_, SIGTERM, SIGINT),
        hangups_(io_, SIGHUP) {
    auto desks = make_desks(from_, shown_.trust.centre.centre);
    centre_ = std::make_unique<centre::centre>(
        std::move(desks), shown_.trust, *store_,
        [this](storage::completion done) {
          asio::post(io_, [this, done = std::move(done)]() mutable {
            centre_->committed(std::move(done), now());
            stop_if_idle();
          });
        },
        *this, random_, [](std::string_view what) { spdlog::warn("{}", what); });
    server_ = std::make_unique<net::server>(io_, listening(wanted, from_), *this,
                                            [](std::string_view what) { spdlog::info("{}", what); });
    note_certificate();
    front_desk_ = crypto::make_desk_id(shown_.trust.centre.centre, main_desk(from_).id);
    offer_signed_files();
    control_ = std::make_unique<control>(io_, of_.control(),
                                         [this](std::string_view request) { return answer_control(request); });
  }

  file_result<void> run(const serve_settings& wanted) {
    // Once more: a command that changed them before the control socket was there could not tell this server.
    if (auto taken = take_signed_files(); !taken) return taken;
    if (auto started = centre_->start(now()); !started) return std::unexpected(started.error());
    if (wanted.port_file) {
      const std::string port = fmt::format("{}\n", server_->port());
      if (auto written = write_file(*wanted.port_file, as_bytes(port), readers::everyone); !written) return written;
    }
    if (shift_ > 0)
      spdlog::info("A demonstration: its clock runs {} h ahead, so that the centre is open.", shift_ / 3600);
    spdlog::info("Ready on port {}.", server_->port());
    signals_.async_wait([this](boost::system::error_code failed, int) {
      if (!failed) stop();
    });
    reload_on_hangup();
    beat();
    io_.run();
    return {};
  }

 private:
  crypto::seconds now() const { return machine_clock() + shift_; }

  void beat() {
    beat_.expires_after(std::chrono::seconds(1));
    beat_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      centre_->tick(now());
      warn_of_expiry();
      beat();
    });
  }

  // Once a day, and at the start.
  void warn_of_expiry() {
    const crypto::seconds today = now() / (24 * 3600);
    if (std::exchange(warned_on_, today) == today) return;
    for (const std::string& warning : expiry_warnings(expiries(), now())) spdlog::warn("{}", warning);
  }
  std::vector<expiry> expiries() const {
    return list_expiries(shown_.trust, members_, tls_until_ > 0 ? tls_until_ + shift_ : 0);
  }

  // --- the signed files ---

  // Those of before stay on offer: somebody may just have been told their names.
  void offer_signed_files() {
    signed_files_.clear();
    for (const auto& [hash, object] : {std::pair{&shown_.trust.centre_hash, &shown_.centre_object},
                                       {&shown_.trust.issuer_hash, &shown_.issuer_object},
                                       {&shown_.trust.roster_hash, &shown_.roster_object}}) {
      pages_.files["/signed/" + to_hex(*hash)] = answer(200, "application/octet-stream", as_text(*object));
      signed_files_ += (signed_files_.empty() ? "" : " ") + crypto::to_base64(*object);
    }
  }

  void believe() {
    std::vector<std::vector<bytes>> certificates;
    for (const member& one : members_) certificates.push_back(one.certificates);
    centre_->believe(shown_.trust, std::move(certificates), now());
  }

  // What was shown before stays where the new files are refused.
  file_result<void> take_signed_files() {
    auto fresh = read_signed_state(of_);
    if (!fresh) return std::unexpected(fresh.error());
    const crypto::centre_file &before = shown_.trust.centre, &after = fresh->shown.trust.centre;
    if (after.page != before.page || after.desks != before.desks ||
        after.clock_shift_hours != before.clock_shift_hours)
      return std::unexpected(
          "hours, desks, telephones or a demo's clock are other ones now, which a server takes when it starts: stop "
          "it "
          "and start it again");
    shown_ = std::move(fresh->shown);
    members_ = std::move(fresh->members);
    offer_signed_files();  // before anybody is told their names
    believe();
    return {};
  }

  // --- the control socket ---

  // A fault in a file, however odd, is no reason to end what is under way. Who asks is told where it lies; the log is
  // not, for a path may name a member.
  std::string answer_control(std::string_view request) {
    std::string fault = "there is no such request";
    try {
      if (request == "status") return to_json(status());
      if (request == "reload") {
        if (auto done = take_signed_files(); done) {
          spdlog::info("Roster {} is shown from now on.", shown_.trust.listed.epoch);
          reload_certificate();  // 'tomoshibi init' may have made a new one
          return nlohmann::json{{"roster", shown_.trust.listed.epoch}}.dump();
        } else {
          fault = done.error();
        }
      }
    } catch (const std::exception& failed) {
      fault = failed.what();
    }
    spdlog::warn("A request from this machine was refused; who asked was told why. Nothing has changed.");
    return nlohmann::json{{"error", fault}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  centre_status status() const {
    centre_status out = describe(shown_.trust, members_, expiries(), from_.time_zone);
    out.now = now();
    out.running = {since_, centre_->now(), {}, store_->figures()};
    for (const config::desk_settings& each : from_.desks)
      if (const auto id = crypto::make_desk_id(shown_.trust.centre.centre, each.id); each.has_hours())
        if (const auto figures = centre_->figures_of(id, now())) out.running->desks.push_back({each.id, *figures});
    return out;
  }

  // --- the TLS certificate ---

  void note_certificate() {
    if (const auto until = net::certificate_not_after(of_.tls_certificate().string()); until && *until > 0)
      tls_until_ = static_cast<crypto::seconds>(*until);
  }

  // The one in use stays where the new one is refused.
  void reload_certificate() {
    if (auto loaded = server_->reload_certificate(); !loaded)
      return spdlog::warn("The TLS certificate in use stays. {}.", loaded.error());
    spdlog::info("Read the TLS certificate again: new connections are shown it.");
    note_certificate();
    warned_on_ = 0;
    warn_of_expiry();
  }

  // An ACME client sends SIGHUP once it has put a new certificate in place of the old. So does the system when the
  // terminal is closed, at which somebody started this and would have stopped it.
  void reload_on_hangup() {
    hangups_.async_wait([this](boost::system::error_code failed, int) {
      if (failed) return;
      if (at_terminal_ && !has_terminal()) return stop();
      reload_certificate();
      reload_on_hangup();
    });
  }

  // No new connections; each open one is told `service_restart`. What the store still has in hand is waited for.
  void stop() {
    spdlog::info("Stopping: clients are told to come back.");
    server_->stop([this] {
      beat_.cancel();
      stopping_ = true;
      stop_if_idle();
    });
  }
  void stop_if_idle() {
    if (stopping_ && centre_->idle()) io_.stop();
  }

  // --- net::audience ---
  net::page get(const net::visit& asked) override {
    if (asked.path == "/") return draw(pages_.front, front_drawn_);
    if (asked.path == "/staff") return draw(pages_.staff, staff_drawn_);
    if (asked.path == "/healthz" && asked.from_loopback) return health();
    const auto found = pages_.files.find(asked.path);
    return found != pages_.files.end() ? found->second : not_found_;
  }
  void opened(net::connection_id who, std::string_view origin) override { centre_->opened(who, origin, now()); }
  void received(net::connection_id who, bytes_view message) override { centre_->received(who, message, now()); }
  void closed(net::connection_id who) override { centre_->closed(who, now()); }

  net::page health() const {
    const bool usable = centre_->now().usable;
    return answer(usable ? 200 : 503, "text/plain; charset=utf-8", usable ? "ok\n" : "storage\n");
  }

  // Compressed, for a phone waits for all of it first. There is no secret in it, and nothing of what was asked, that
  // its size could give away. Compressed anew only when it has changed.
  const net::page& draw(const html_template& with, net::page& drawn) const {
    std::string body = with.fill({.root = to_hex(crypto::sha256(shown_.trust.centre.root)),
                                  .desk = main_desk(from_).id,
                                  .exit = from_.exit_page,
                                  .signed_files = signed_files_,
                                  .sections = draw_sections(from_, door_now())});
    if (drawn.body == nullptr || *drawn.body != body) {
      auto compressed = std::make_shared<const std::string>(gzip(body));
      drawn = answer(200, "text/html; charset=utf-8", std::move(body));
      drawn.gzip = std::move(compressed);
    }
    return drawn;
  }

  front_state door_now() const {
    front_state state;
    state.clock_shift_hours = static_cast<std::uint32_t>(shift_ / 3600);
    if (const auto door = centre_->door(front_desk_, now())) {
      state.why = door->why;
      state.until = door->intake ? door->until : 0;
      state.next = door->next;
    } else {
      state.why = wire::door_reason::too_few_on_duty;
    }
    return state;
  }

  // --- centre::outlet ---
  void send(centre::connection_id to, std::shared_ptr<const bytes> message) override {
    server_->send(to, std::move(message));
  }
  void bound(centre::connection_id who, std::size_t bytes_max) override { server_->bound(who, bytes_max); }
  void close(centre::connection_id who, wire::error why) override {
    const wire::error_entry& entry = wire::describe(why);
    server_->close(who, entry.close_code, entry.name);
  }

  const folder of_;
  const crypto::seconds since_ = machine_clock();
  config::centre_settings from_;
  believed shown_;
  std::vector<member> members_;
  pages pages_;  // and the signed files
  net::page front_drawn_, staff_drawn_;
  net::page not_found_ = answer(404, "text/plain; charset=utf-8", "Not found.\n");
  crypto::seconds shift_;  // of a demo's clock
  crypto::system_random random_;
  asio::io_context io_{1};
  std::unique_ptr<storage::sqlite_store> store_;
  std::unique_ptr<centre::centre> centre_;
  std::unique_ptr<net::server> server_;
  std::unique_ptr<control> control_;
  asio::steady_timer beat_;
  asio::signal_set signals_, hangups_;
  wire::desk_id front_desk_{};
  std::string signed_files_;       // page_values::signed_files
  crypto::seconds tls_until_ = 0;  // on the machine's clock
  crypto::seconds warned_on_ = 0;  // a day
  const bool at_terminal_ = has_terminal();
  bool stopping_ = false;
};

}  // namespace

file_result<void> serve(const serve_settings& wanted) {
  ::umask(077);
  leave_no_core_dump();
  take_full_files_as_errors();
  auto from = config::load_config(wanted.of.config());
  if (!from) return std::unexpected(fmt::format("{}", fmt::join(from.error(), "\n")));
  const auto alone =
      file_lock::hold(wanted.of.running(), "held: another server of this centre runs; stop that one first");
  if (!alone) return std::unexpected(alone.error());
  auto shown = read_signed_state(wanted.of);
  if (!shown) return std::unexpected(shown.error());
  const crypto::centre_file& centre = shown->shown.trust.centre;
  if (centre.demo() != from->demo)
    return std::unexpected(wanted.of.config().string() +
                           ": says demo otherwise than the signed centre file beside it");
  if (centre.page != make_plan(*from, {}).page)  // no reason to be closed: the root key may be far away
    spdlog::warn("The pages show other hours or telephones than centre.toml has; 'tomoshibi init' signs them anew.");
  auto built = load_pages(wanted.pages);
  if (!built) return std::unexpected(built.error());
  const auto key = read_secret(wanted.of.storage_key());
  if (!key) return std::unexpected(key.error());
  crypto::system_random random;
  auto keeps = storage::open_sqlite_store({.file = wanted.of.database(),
                                           .key = *key,
                                           .conversations_max = conversations_max(make_desks(*from, centre.centre))},
                                          random);
  if (!keeps) return std::unexpected(keeps.error().what);
  if (const auto lost = (*keeps)->figures().conversations_lost; lost > 0)
    spdlog::warn("{} conversations were damaged on the disk, and are erased.", lost);
  const crypto::seconds shift = crypto::seconds{centre.clock_shift_hours} * 3600;
  try {
    return running(wanted, *std::move(from), *std::move(shown), *std::move(built), shift, *std::move(keeps))
        .run(wanted);
  } catch (const std::runtime_error& failed) {  // the sockets' sentences
    return std::unexpected(std::string(failed.what()));
  }
}

}  // namespace tomoshibi
