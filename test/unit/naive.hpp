// Whole numbers of any length by schoolbook decimals: slow, simple, and sharing nothing with the core but the layout of Int256.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <ostream>
#include <string>

#include "core/int128.hpp"

namespace partner_bonus::test {

class Whole {
   public:
    Whole() = default;
    Whole(int128 x) : negative_(x < 0)
    {
        for (auto rest = negative_ ? uint128{0} - static_cast<uint128>(x) : static_cast<uint128>(x); rest != 0; rest /= 10)
            digits_ += static_cast<char>('0' + static_cast<int>(rest % 10));
    }
    Whole(const Int256 &x)
    {
        const auto limbs = std::bit_cast<std::array<std::uint64_t, 4>>(x);
        negative_ = limbs[3] >> 63 != 0;
        std::array<std::uint32_t, 8> words{};  // the magnitude, most significant first
        std::uint64_t carry = negative_ ? 1 : 0;
        for (std::size_t i = 8; i-- > 0;) {
            const auto word = static_cast<std::uint32_t>(limbs[(7 - i) / 2] >> ((7 - i) % 2 * 32));
            carry += negative_ ? ~word : word;
            words[i] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        for (int digit = 0; digit < 78; digit += 9) {  // long division by 10^9
            std::uint64_t rest = 0;
            for (std::uint32_t &word : words) {
                rest = rest << 32 | word;
                word = static_cast<std::uint32_t>(rest / 1'000'000'000);
                rest %= 1'000'000'000;
            }
            for (int i = 0; i < 9; ++i, rest /= 10) digits_ += static_cast<char>('0' + rest % 10);
        }
        trim();
    }
    // Digits with an optional minus.
    static Whole from_text(std::string text)
    {
        Whole result;
        if (text.starts_with('-')) {
            result.negative_ = true;
            text.erase(0, 1);
        }
        result.digits_.assign(text.rbegin(), text.rend());
        result.trim();
        return result;
    }

    std::string text() const
    {
        if (digits_.empty()) return "0";
        return (negative_ ? "-" : "") + std::string(digits_.rbegin(), digits_.rend());
    }
    bool negative() const { return negative_; }
    bool zero() const { return digits_.empty(); }
    bool odd() const { return !zero() && (digits_.front() - '0') % 2 != 0; }

    Whole operator-() const
    {
        Whole result = *this;
        result.negative_ = !negative_ && !zero();
        return result;
    }
    Whole operator+(const Whole &other) const
    {
        Whole result = *this;
        if (negative_ == other.negative_) {
            result.add_magnitude_to_self(other);
        } else if (compare_magnitude(digits_, other.digits_) >= 0) {
            result.take_magnitude_from_self(other);
        } else {
            result = other;
            result.take_magnitude_from_self(*this);
        }
        return result;
    }
    Whole operator-(const Whole &other) const { return *this + -other; }
    Whole operator*(const Whole &other) const
    {
        Whole result;
        result.digits_.assign(digits_.size() + other.digits_.size(), '0');
        for (std::size_t i = 0; i < digits_.size(); ++i) {
            int carry = 0;
            for (std::size_t j = 0; j < other.digits_.size() || carry > 0; ++j) {
                const int by = j < other.digits_.size() ? other.digits_[j] - '0' : 0;
                const int sum = (result.digits_[i + j] - '0') + (digits_[i] - '0') * by + carry;
                result.digits_[i + j] = static_cast<char>('0' + sum % 10);
                carry = sum / 10;
            }
        }
        result.negative_ = negative_ != other.negative_;
        result.trim();
        return result;
    }

    struct Cut;
    // Without the magnitude's last `count` digits, and these.
    Cut cut(std::size_t count) const;

    bool operator==(const Whole &) const = default;
    std::strong_ordering operator<=>(const Whole &other) const
    {
        if (negative_ != other.negative_) return other.negative_ <=> negative_;
        return (negative_ ? compare_magnitude(other.digits_, digits_) : compare_magnitude(digits_, other.digits_)) <=> 0;
    }

   private:
    static int compare_magnitude(const std::string &a, const std::string &b)
    {
        if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
        return std::string(a.rbegin(), a.rend()).compare(std::string(b.rbegin(), b.rend()));
    }
    void add_magnitude_to_self(const Whole &other)
    {
        std::string sum;
        int carry = 0;
        for (std::size_t i = 0; i < digits_.size() || i < other.digits_.size() || carry > 0; ++i) {
            const int digit =
                (i < digits_.size() ? digits_[i] - '0' : 0) + (i < other.digits_.size() ? other.digits_[i] - '0' : 0) + carry;
            sum += static_cast<char>('0' + digit % 10);
            carry = digit / 10;
        }
        digits_ = sum;
    }
    void take_magnitude_from_self(const Whole &other)
    {
        int borrow = 0;
        for (std::size_t i = 0; i < digits_.size(); ++i) {
            const int digit = (digits_[i] - '0') - (i < other.digits_.size() ? other.digits_[i] - '0' : 0) - borrow;
            borrow = digit < 0 ? 1 : 0;
            digits_[i] = static_cast<char>('0' + digit + 10 * borrow);
        }
        trim();
    }
    void trim()
    {
        while (!digits_.empty() && digits_.back() == '0') digits_.pop_back();
        if (digits_.empty()) negative_ = false;
    }

    bool negative_ = false;
    std::string digits_;  // least significant first
};

struct Whole::Cut {
    Whole kept;       // rounded towards zero
    std::string cut;  // exactly as many digits as asked for, most significant first
};

inline Whole::Cut Whole::cut(std::size_t count) const
{
    std::string padded = digits_;
    if (padded.size() < count) padded.append(count - padded.size(), '0');
    Whole kept;
    kept.negative_ = negative_;
    kept.digits_ = padded.substr(count);
    kept.trim();
    return {kept, {padded.rend() - static_cast<std::ptrdiff_t>(count), padded.rend()}};
}

inline std::ostream &operator<<(std::ostream &out, const Whole &x) { return out << x.text(); }

// 10^n.
inline Whole ten_to_the(std::size_t n) { return Whole::from_text('1' + std::string(n, '0')); }

}  // namespace partner_bonus::test
