// Random cases for laws: each is drawn quickly from one seed, and made smaller only when a law fails.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/int128.hpp"

namespace partner_bonus::test {

class Dice {
   public:
    explicit Dice(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept
    {
        std::uint64_t x = state_ += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
    // A number of [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) noexcept
    {
        const auto choices = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
        const std::uint64_t chosen = choices == 0 ? next() : next() % choices;
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + chosen);
    }
    std::size_t below(std::size_t end) noexcept { return static_cast<std::size_t>(next() % end); }
    bool one_in(int n) noexcept { return next() % static_cast<std::uint64_t>(n) == 0; }
    // Of either sign and below 2^bits, every length as likely as the others.
    int128 wide(int bits) noexcept
    {
        const auto all = static_cast<uint128>(next()) << 64 | next();
        const auto length = between(0, bits);
        const auto shifted = length == 0 ? 0 : static_cast<int128>(all >> (128 - length));
        return one_in(2) ? -shifted : shifted;
    }
    template <class T>
    const T &of(const std::vector<T> &choices) noexcept
    {
        return choices[below(choices.size())];
    }
    template <class T>
    void shuffle(std::vector<T> &items) noexcept
    {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }

   private:
    std::uint64_t state_;
};

// A random series of items, drawn by `T::draw(dice, size)`; a failing case is shrunk by leaving items out.
template <class T>
struct Series : std::vector<T> {
    using std::vector<T>::vector;
};

template <class T>
void showValue(const Series<T> &series, std::ostream &out)
{
    for (const T &item : series) out << "\n    " << item;
}

// Further randomness for a law's own choices.
struct Seed {
    std::uint64_t value;
    Dice dice() const noexcept { return Dice(value); }
};

inline std::ostream &operator<<(std::ostream &out, const Seed &seed) { return out << seed.value; }

inline std::string decimal_text(int128 x)
{
    char room[40];
    char *end = room + sizeof room;
    const std::string digits(write_digits(magnitude(x), end), end);
    return x < 0 ? '-' + digits : digits;
}

// Runs `law` on LAW_CASES random cases (100,000 unless told otherwise); it draws its arguments from RapidCheck and asserts with
// RC_ASSERT. RC_PARAMS (seed=..., reproduce=...) is heeded.
void hold(const std::function<void()> &law);

template <class... Arguments>
void holds(const std::function<void(Arguments...)> &law)
{
    // braces: in order
    hold([&law] { std::apply(law, std::tuple<std::decay_t<Arguments>...>{*rc::gen::arbitrary<std::decay_t<Arguments>>()...}); });
}

// Holds `law`, a function of random arguments, against random cases. What does not depend on the arguments' types is compiled once.
template <class F>
void holds(F law)
{
    holds(std::function(std::move(law)));
}

}  // namespace partner_bonus::test

template <class T>
struct rc::Arbitrary<partner_bonus::test::Series<T>> {
    using Series = partner_bonus::test::Series<T>;
    static Gen<Series> arbitrary()
    {
        return [](const Random &random, int size) {
            partner_bonus::test::Dice dice(Random(random).next());
            Series series;
            T::draw(dice, size, series);
            return shrinkable::shrinkRecur(std::move(series), [](const Series &larger) { return shrink::removeChunks(larger); });
        };
    }
};

template <>
struct rc::Arbitrary<partner_bonus::test::Seed> {
    static Gen<partner_bonus::test::Seed> arbitrary()
    {
        return [](const Random &random, int) { return shrinkable::just(partner_bonus::test::Seed{Random(random).next()}); };
    }
};
