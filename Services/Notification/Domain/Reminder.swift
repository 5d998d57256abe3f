package import PaymentModel

/// A time of day on somebody's wall clock.
package struct LocalTime: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// When reminders leave unless somebody says otherwise (NOT-3).
    package static let morning = LocalTime(checkedMinutes: 8 * 60)

    /// Since midnight.
    package let minutes: Int

    private init(checkedMinutes minutes: Int) { self.minutes = minutes }

    /// Nil unless it is within a day.
    package init?(minutes: Int) {
        guard (0..<1_440).contains(minutes) else { return nil }
        self.init(checkedMinutes: minutes)
    }

    /// Reads `08:00`; nil for anything else.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 58, let hour = Int(text.prefix(2)), let minute = Int(text.suffix(2)),
            bytes.allSatisfy({ (48...58).contains($0) }), (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        self.init(checkedMinutes: hour * 60 + minute)
    }

    package static func < (left: LocalTime, right: LocalTime) -> Bool { left.minutes < right.minutes }

    package var description: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

/// A message that is planned for a local day and time; the instant is computed when it is looked at (C-09).
package struct Reminder: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case planned
        /// It became a message.
        case released
        case calledOff = "called-off"
    }

    package enum Rejection: Error, Hashable, Sendable {
        case not(possibleIn: State)
    }

    /// How long ago its time may be when it is planned: whoever says "now" says the minute that was.
    private static let grace = Duration.seconds(120)

    /// Whether a reminder for this instant would be planned too late to leave at its time.
    package static func isPast(_ dueAt: Instant, at now: Instant) -> Bool { dueAt.adding(grace) < now }

    package let id: MessageID
    package private(set) var state: State
    package private(set) var day: LocalDate
    package private(set) var time: LocalTime

    package init(id: MessageID, state: State = .planned, day: LocalDate, time: LocalTime = .morning) {
        self.id = id
        self.state = state
        self.day = day
        self.time = time
    }

    package mutating func move(to day: LocalDate, _ time: LocalTime) throws(Rejection) {
        try demandPlanned()
        (self.day, self.time) = (day, time)
    }

    package mutating func callOff() throws(Rejection) {
        try demandPlanned()
        state = .calledOff
    }

    package mutating func release() throws(Rejection) {
        try demandPlanned()
        state = .released
    }

    private func demandPlanned() throws(Rejection) {
        guard state == .planned else { throw .not(possibleIn: state) }
    }
}

/// Which debits a client is told of, and when: two days before, once (NOT-4).
package struct DebitNotice: Hashable, Sendable {
    package let dueOn: LocalDate
    package let tellOn: LocalDate

    package static let daysBefore = 2

    /// What becomes of a debit that is nearer than two days when the schedule is known.
    package enum Near: Hashable, Sendable {
        /// It was told with the schedule itself.
        case toldAlready
        /// The schedule has changed and nobody said so: it is told the same day, while it is to come.
        case toldAtOnce
    }

    /// Where it is told on the very day it is heard of, that is at once, unless people sleep: then in the morning that
    /// follows, be it the debit's own.
    package func moment(
        knownOn today: LocalDate, at time: LocalTime, in hours: MarketingHours
    ) -> (day: LocalDate, time: LocalTime) {
        guard tellOn == today else { return (tellOn, .morning) }
        return hours.nextMorning(after: today, time) ?? (today, time)
    }

    /// At the beginning of which day it would come too late when it is told on this one.
    package func lateOn(toldOn day: LocalDate) -> LocalDate { Self.lateOn(dueOn, toldOn: day) }

    /// The same of a debit on a day, where its notice was written before.
    package static func lateOn(_ dueOn: LocalDate, toldOn day: LocalDate) -> LocalDate {
        max(dueOn, day.adding(days: 1))
    }

    /// Those of a schedule that is known today.
    package static func all(
        of schedule: [ScheduledInstalment], knownOn today: LocalDate, _ near: Near = .toldAlready
    ) -> [DebitNotice] {
        var seen: Set<LocalDate> = []
        return schedule.compactMap { instalment in
            guard instalment.isDebit, let tellOn = day(toTellOf: instalment.dueOn, knownOn: today, near),
                seen.insert(instalment.dueOn).inserted
            else { return nil }
            return DebitNotice(dueOn: instalment.dueOn, tellOn: tellOn)
        }
    }

    private static func day(toTellOf dueOn: LocalDate, knownOn today: LocalDate, _ near: Near) -> LocalDate? {
        let tellOn = dueOn.adding(days: -daysBefore)
        switch near {
        case .toldAlready: return tellOn > today ? tellOn : nil
        case .toldAtOnce: return dueOn > today ? max(tellOn, today) : nil
        }
    }
}

extension ScheduledInstalment {
    /// Whether the client's account is debited.
    package var isDebit: Bool { amount.isPositive || customerFee.isPositive }
}
