package import PaymentModel

/// One step of asking for what is late (relance).
package struct DunningLevel: Hashable, Sendable {
    /// Days after the due date from which it is reached.
    package let daysLate: Int
    /// What the step is called, such as "Rappel amiable".
    package let label: String
    /// What the client is told at this step, in the organisation's own words; nil: nothing of its own.
    package let text: String?

    package init(daysLate: Int, label: String, text: String? = nil) {
        self.daysLate = daysLate
        self.label = label
        self.text = text
    }
}

/// The steps of an organisation; the first is level 1 (INV-14).
package struct DunningLevels: Hashable, Sendable {
    package let levels: [DunningLevel]

    package static let countMax = 9
    package static let daysMax = 3_650

    /// Nil unless each comes later than the one before.
    package init?(_ levels: [DunningLevel]) {
        let days = levels.map(\.daysLate)
        guard levels.count <= DunningLevels.countMax, days.allSatisfy({ (1...DunningLevels.daysMax).contains($0) }),
            zip(days, days.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        self.levels = levels
    }

    private init(standard levels: [DunningLevel]) { self.levels = levels }

    package static let standard = DunningLevels(standard: [
        DunningLevel(daysLate: 7, label: "Rappel amiable"), DunningLevel(daysLate: 21, label: "Relance"),
        DunningLevel(daysLate: 45, label: "Mise en demeure"),
    ])

    /// The level with a number; nil for 0, and for one that was taken away since.
    package subscript(level: Int) -> DunningLevel? {
        levels.indices.contains(level - 1) ? levels[level - 1] : nil
    }

    /// The level at which a debt is asked for next; nil as long as its day has not come.
    ///
    /// None is passed over, and between two are at least the days between their delays, however late the debt was at
    /// the first, as one that came in by a file. What was settled and is due again begins anew.
    package func next(
        after last: AnnouncedLevel?, on day: LocalDate, dueOn: LocalDate, dueAgainOn: LocalDate?
    ) -> Int? {
        let number = (last?.level ?? 0) + 1
        let since = max(dueOn, dueAgainOn ?? dueOn)
        guard let level = self[number], day >= since.adding(days: level.daysLate) else { return nil }
        guard let last, let before = self[last.level] else { return number }
        return day >= last.on.adding(days: level.daysLate - before.daysLate) ? number : nil
    }
}

/// The last level at which a debt was asked for, and the day.
package struct AnnouncedLevel: Hashable, Sendable {
    package let level: Int
    package let on: LocalDate

    package init(level: Int, on day: LocalDate) {
        self.level = level
        on = day
    }
}

/// How late something is, as accountants sum it (balance âgée).
package enum AgeingBucket: String, Hashable, Sendable, CaseIterable {
    case notDue, upTo30, upTo60, upTo90, over90

    /// Nothing is late on its due day.
    package init(daysLate: Int) {
        self =
            switch daysLate {
            case ...0: .notDue
            case ...30: .upTo30
            case ...60: .upTo60
            case ...90: .upTo90
            default: .over90
            }
    }
}

/// After this day a debt need not be paid any more: two years after it was due from a consumer (Code de la consommation
/// L218-2), five from a business (Code de commerce L110-4, Code civil 2224).
///
/// Who pays a part of it acknowledges it, and the period begins anew (Code civil 2240, 2231). What else interrupts or
/// suspends it, such as a lawsuit, is not known here: it may end later. What is paid after it has ended begins it anew
/// here too, which the law may not say.
package enum LimitationPeriod {
    /// `paidOn` is the last day on which the debtor paid a part of it.
    package static func end(dueOn day: LocalDate, paidOn: LocalDate?, fromBusiness isBusiness: Bool) -> LocalDate {
        max(day, paidOn ?? day).adding(months: isBusiness ? 60 : 24)
    }
}
