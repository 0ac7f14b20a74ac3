#include "tests/core/world.hpp"

namespace tomoshibi::core {

world::world(std::uint64_t seed) : random(seed), signed_by(random) {
  for (int i = 0; i < 2; ++i)
    staff.push_back(signed_by.enrol(crypto::role::counselor, signed_by.desk, "hotaru " + std::to_string(i)));
  signed_by.publish();
  start_server();
}

world::~world() = default;

std::unique_ptr<person<survivor>> world::make_survivor() {
  auto kept = std::make_shared<crypto::secret_bytes>();
  auto out = std::make_unique<person<survivor>>(*this, [this, kept] {
    return survivor({signed_by.fingerprint(), "talk", crypto::role::counselor, {}}, random, *kept,
                    std::make_unique<letters>(random));
  });
  kept_by_[out.get()] = kept;
  return out;
}

std::unique_ptr<person<counselor>> world::make_counselor(std::size_t number) {
  auto inbox = std::make_shared<bytes>();
  auto out = std::make_unique<person<counselor>>(*this, [this, number, inbox] {
    return counselor({signed_by.fingerprint(), std::string(origin)}, staff[number], random, *inbox);
  });
  inbox_by_[out.get()] = inbox;
  return out;
}

void world::restart_server() {
  std::vector<std::function<void()>> cuts;
  for (auto& [id, open_line] : lines_) cuts.push_back(open_line.cut);
  server_.reset();
  store.lose_waiting();
  lines_.clear();
  on_its_way_.clear();
  start_server();
  for (auto& cut : cuts) cut();
}

void world::settle() {
  std::size_t steps = 0;
  for (; pending(); ++steps) {
    ASSERT_LT(steps, 100'000u) << "the network never comes to rest";
    step(1);
  }
}

void world::step(std::size_t count) {
  for (std::size_t i = 0; i < count && pending(); ++i) {
    if (store.waiting() > 0 && (on_its_way_.empty() || ++steps_ % 4 == 0)) {
      store.commit_next();
      continue;
    }
    auto next = std::move(on_its_way_.front());
    on_its_way_.pop_front();
    next();
  }
}

void world::pass(seconds by) {
  for (seconds i = 0; i < by; ++i) {
    ++now;
    server_->tick(now);
    for (auto& [id, open_line] : lines_) on_its_way_.push_back(open_line.tick);
    settle();
  }
}

void world::send(centre::connection_id to, std::shared_ptr<const bytes> message) {
  sizes_to_clients[message->front()].insert(message->size());
  if (drops(*message)) return;
  if (auto other = changes(*message)) message = std::make_shared<const bytes>(std::move(*other));
  for (bytes& each : says ? says(to, *message) : std::vector<bytes>{*message}) say_to(to, std::move(each));
}

void world::say_to(centre::connection_id to, bytes message) {
  on_its_way_.push_back([this, to, message = std::move(message)] {
    if (const auto found = lines_.find(to); found != lines_.end()) found->second.received(message);
  });
}

void world::close(centre::connection_id who, wire::error) {
  on_its_way_.push_back([this, who] {
    if (const auto found = lines_.find(who); found != lines_.end()) {
      const auto cut = found->second.cut;
      cut();
    }
  });
}

void world::start_server() {
  desk::desk_settings talk;
  talk.id = signed_by.desk;
  talk.hours = [this](seconds at) { return desk_open ? hours_all_day(at) : hours_closed(at); };
  talk.days = [](seconds at) {
    const auto today = static_cast<std::uint32_t>(at / 86400);
    return desk::local_days{today, today - 1};
  };
  desk::desk_settings drill;
  drill.id = signed_by.drill_desk;
  drill.kind = desk::desk_kind::drill;
  server_ = std::make_unique<centre::centre>(
      std::vector{talk, drill}, signed_by.trust(), store,
      [this](storage::completion done) { server_->committed(done, now); }, *this, random);
  believe_published();
  const auto started = server_->start(now);
  ASSERT_TRUE(started) << started.error();
}

desk::hours_state world::hours_closed(seconds at) {
  desk::hours_state out;
  out.next_opening = at + 3600;
  return out;
}

desk::hours_state world::hours_all_day(seconds at) {
  desk::hours_state out;
  out.open = out.intake = true;
  out.until = at + 100'000;
  return out;
}

template <class Core>
void person<Core>::connect() {
  cut();
  at = world_.open({[this](bytes_view message) {
                      act([&](Core& c, seconds clock, output& out) { c.received(message, clock, out); });
                    },
                    [this] { cut(); },
                    [this] { act([](Core& c, seconds clock, output& out) { c.tick(clock, out); }); }});
  core.connected();
}

template <class Core>
void person<Core>::cut() {
  if (!at) return;
  const centre::connection_id old = *std::exchange(at, std::nullopt);
  core.disconnected(world_.now);
  world_.hang_up(old);
}

template <class Core>
void person<Core>::fetch_wanted() {
  holds_fetches = false;
  for (const crypto::hash32& hash : std::exchange(unfetched, {}))
    act([&](Core& c, seconds clock, output& out) { c.fetched(hash, world_.gives(hash), clock, out); });
}

template <class Core>
void person<Core>::cut_after_sending() {
  world_.later([this] { cut(); });
}

template <class Core>
void person<Core>::reload() {
  cut();
  if constexpr (std::is_same_v<Core, survivor>) {
    *world_.kept_by(this) = kept.empty() ? crypto::secret_bytes{} : kept.begin()->second;
    std::destroy_at(&core);
    std::construct_at(&core, begin_());
  } else {
    std::destroy_at(&core);
    std::construct_at(&core, begin_());
    const auto before = kept;
    for (const auto& [id, state] : before)
      act([&](Core& console, seconds, output& out) { console.restore(state, out); });
  }
}

template <class Core>
void person<Core>::take(output& out) {
  for (event& each : out.events) {  // first, as output.hpp asks
    if (auto* now_kept = std::get_if<keep>(&each)) {
      if (now_kept->kept.empty())
        kept.erase(now_kept->conversation);
      else
        kept[now_kept->conversation] = now_kept->kept;
    }
    if (auto* now_kept = std::get_if<keep_inbox>(&each)) *world_.inbox_by(this) = now_kept->sealed;
  }
  for (bytes& message : out.messages)
    if (at) world_.to_server(*at, std::move(message));
  if (holds_fetches) unfetched.insert(unfetched.end(), out.wanted.begin(), out.wanted.end());
  for (const crypto::hash32& hash : holds_fetches ? std::vector<crypto::hash32>() : out.wanted)
    world_.later([this, hash] {
      const bytes object = world_.gives(hash);
      act([&](Core& c, seconds clock, output& more) { c.fetched(hash, object, clock, more); });
    });
  for (event& each : out.events) {
    events.push_back(each);
    watch(each);
    if (auto* text = std::get_if<text_received>(&each); text && shows_texts)
      act([&](Core& c, seconds clock, output& more) {
        if constexpr (std::is_same_v<Core, survivor>)
          c.shown(text->id, clock, more);
        else
          c.shown(text->conversation, text->id, clock, more);
      });
    if constexpr (std::is_same_v<Core, counselor>)
      if (auto* ringing = std::get_if<called>(&each); ringing && accepts_calls)
        act([&](counselor& c, seconds clock, output& more) { c.accept(ringing->conversation, clock, more); });
  }
}

template class person<survivor>;
template class person<counselor>;

}  // namespace tomoshibi::core
