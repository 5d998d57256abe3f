package import PaymentModel

/// How long a text may be and what may be in it.
package enum TextRule: Sendable {
    /// One line: no control characters at all, nor what breaks a line or turns it around.
    case line
    /// Several lines: line breaks and tabs, no other control characters.
    case lines
}

/// Which amounts a field takes.
package enum MoneyRule: Sendable {
    /// More than nothing.
    case positive
    /// Nothing or more.
    case notNegative
    /// Any, also below nothing.
    case signed
}

// MARK: Texts, numbers, booleans

extension Fields {
    /// A text that is not empty, of at most `max` characters; space around it is taken off.
    package func string(_ name: String, max: Int = 200, _ rule: TextRule = .line) -> String {
        required(name, else: "", remedy: "Give a text of 1 to \(max) characters.") { value throws(Refusal) in
            try Reading.text(value, max: max, rule)
        }
    }

    /// A text that may be left out; an empty one counts as left out.
    package func optionalString(_ name: String, max: Int = 200, _ rule: TextRule = .line) -> String? {
        optional(name) { value throws(Refusal) in try Reading.possiblyEmptyText(value, max: max, rule) } ?? nil
    }

    /// A text that becomes a value of its own type.
    package func text<Value>(
        _ name: String, max: Int = 200, else standIn: Value, remedy: Sentence, _ parse: (String) -> Value?
    ) -> Value {
        required(name, else: standIn, remedy: remedy) { value throws(Refusal) in
            try Reading.parsed(value, max: max, remedy: remedy, parse)
        }
    }

    /// A text that becomes a value of its own type, and may be left out.
    package func optionalText<Value>(
        _ name: String, max: Int = 200, remedy: Sentence, _ parse: (String) -> Value?
    ) -> Value? {
        optional(name) { value throws(Refusal) in try Reading.parsed(value, max: max, remedy: remedy, parse) }
    }

    /// A whole number within `range`.
    package func integer(_ name: String, in range: ClosedRange<Int>) -> Int {
        required(name, else: range.lowerBound, remedy: Reading.remedy(range)) { value throws(Refusal) in
            try Reading.integer(value, in: range, source)
        }
    }

    /// A whole number within `range` that may be left out.
    package func optionalInteger(_ name: String, in range: ClosedRange<Int>) -> Int? {
        optional(name) { value throws(Refusal) in try Reading.integer(value, in: range, source) }
    }

    /// Yes or no.
    package func boolean(_ name: String) -> Bool {
        required(name, else: false, remedy: "Give true or false.") { value throws(Refusal) in
            try Reading.boolean(value, source)
        }
    }

    /// Yes or no, or left out.
    package func optionalBoolean(_ name: String) -> Bool? {
        optional(name) { value throws(Refusal) in try Reading.boolean(value, source) }
    }

    /// Yes or no, with what leaving it out means.
    package func boolean(_ name: String, default standard: Bool) -> Bool {
        optionalBoolean(name) ?? standard
    }

    /// One of the values of `Value`.
    package func enumeration<Value: RawRepresentable & CaseIterable>(
        _ name: String, as type: Value.Type = Value.self
    ) -> Value where Value.RawValue == String {
        guard let standIn = Value.allCases.first else { preconditionFailure("\(Value.self) has no case") }
        return required(name, else: standIn, remedy: Reading.remedy(Value.self)) { value throws(Refusal) in
            try Reading.enumeration(value)
        }
    }

    /// One of the values of `Value`, or left out.
    package func optionalEnumeration<Value: RawRepresentable & CaseIterable>(
        _ name: String, as type: Value.Type = Value.self
    ) -> Value? where Value.RawValue == String {
        optional(name) { value throws(Refusal) in try Reading.enumeration(value) }
    }
}

// MARK: Money

extension Fields {
    /// The most a single amount may be by default: sums of a hundred thousand of them still fit.
    package static let minorUnitsMax: Int64 = 9_999_999_999_99

    /// An amount `{"minorUnits": 12990, "currency": "EUR"}`; fractions, exponents and overflow are refused.
    package func money(_ name: String, _ rule: MoneyRule = .positive, max: Int64 = Fields.minorUnitsMax) -> Money {
        let remedy = Reading.moneyRemedy
        let fields: Fields? = required(name, else: nil, remedy: remedy) { value throws(Refusal) in
            child(try Reading.object(value, remedy: remedy), at: name)
        }
        return fields?.amount(rule, max: max) ?? .zero(.eur)
    }

    /// An amount that may be left out.
    package func optionalMoney(
        _ name: String, _ rule: MoneyRule = .positive, max: Int64 = Fields.minorUnitsMax
    ) -> Money? {
        let fields = optional(name) { value throws(Refusal) in
            child(try Reading.object(value, remedy: Reading.moneyRemedy), at: name)
        }
        return fields?.amount(rule, max: max)
    }

    /// A currency of ISO 4217.
    package func currency(_ name: String) -> Currency {
        required(name, else: .eur, remedy: Reading.currencyRemedy) { value throws(Refusal) in
            try Reading.parsed(value, max: 3, remedy: Reading.currencyRemedy) { Currency($0) }
        }
    }

    /// A rate in basis points: 2000 is 20 %.
    package func basisPoints(_ name: String, in range: ClosedRange<Int> = 0...10_000) -> BasisPoints {
        BasisPoints(integer(name, in: range))
    }

    private func amount(_ rule: MoneyRule, max: Int64) -> Money {
        let minorUnits: Int64 = required("minorUnits", else: 0, remedy: "Give whole minor units, such as cents.") {
            value throws(Refusal) in try Reading.minorUnits(value, rule, max: max)
        }
        return Money(minorUnits, currency("currency"))
    }
}

// MARK: Ids, dates, people

extension Fields {
    /// The id of a thing.
    package func id<ID: Identifier>(_ name: String, of type: ID.Type = ID.self) -> ID {
        required(name, else: ID(0), remedy: Reading.idRemedy) { value throws(Refusal) in try Reading.id(value) }
    }

    /// The id of a thing that may be left out.
    package func optionalID<ID: Identifier>(_ name: String, of type: ID.Type = ID.self) -> ID? {
        optional(name) { value throws(Refusal) in try Reading.id(value) }
    }

    /// A day such as `2026-11-21`.
    package func localDate(_ name: String) -> LocalDate {
        required(name, else: .earliest, remedy: Reading.dateRemedy) { value throws(Refusal) in
            try Reading.day(value)
        }
    }

    /// A day that may be left out.
    package func optionalLocalDate(_ name: String) -> LocalDate? {
        optional(name) { value throws(Refusal) in try Reading.day(value) }
    }

    /// The days from `from` to `to`, both included.
    package func period() -> (from: LocalDate, to: LocalDate) {
        let period = (from: localDate("from"), to: localDate("to"))
        if isValid, period.from > period.to {
            refuse("to", reason: "It is before \"from\".", remedy: "Give the later day as \"to\".")
        }
        return period
    }

    /// A point in time such as `2026-11-21T22:50:23Z`.
    package func instant(_ name: String) -> Instant {
        required(name, else: Instant(microsecondsSince1970: 0), remedy: Reading.instantRemedy) {
            value throws(Refusal) in
            try Reading.parsed(value, max: 40, remedy: Reading.instantRemedy) { Instant($0) }
        }
    }

    /// A point in time that may be left out.
    package func optionalInstant(_ name: String) -> Instant? {
        optional(name) { value throws(Refusal) in
            try Reading.parsed(value, max: 40, remedy: Reading.instantRemedy) { Instant($0) }
        }
    }

    /// A country as two capital letters of ISO 3166.
    package func country(_ name: String) -> String {
        text(name, max: 2, else: "FR", remedy: Reading.countryRemedy, Reading.country)
    }

    /// A country that may be left out.
    package func optionalCountry(_ name: String) -> String? {
        optionalText(name, max: 2, remedy: Reading.countryRemedy, Reading.country)
    }

    /// A phone number in E.164.
    package func phone(_ name: String) -> Phone {
        text(name, max: 20, else: Reading.anyPhone, remedy: Reading.phoneRemedy) { Phone(e164: $0) }
    }

    /// A phone number that may be left out.
    package func optionalPhone(_ name: String) -> Phone? {
        optionalText(name, max: 20, remedy: Reading.phoneRemedy) { Phone(e164: $0) }
    }

    /// The number of a bank account, plain however it is grouped.
    package func iban(_ name: String) -> String {
        required(name, else: "", remedy: Reading.ibanRemedy) { value throws(Refusal) in try Reading.iban(value) }
    }

    /// An e-mail address.
    package func email(_ name: String) -> EmailAddress {
        text(name, max: 254, else: Reading.anyEmail, remedy: Reading.emailRemedy) { EmailAddress($0) }
    }

    /// An e-mail address that may be left out.
    package func optionalEmail(_ name: String) -> EmailAddress? {
        optionalText(name, max: 254, remedy: Reading.emailRemedy) { EmailAddress($0) }
    }
}
