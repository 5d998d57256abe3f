import NotificationDomain
import NotificationService
import PaymentModel
import ServiceRuntime
import Testing

/// NOT-9: how long messages wait that may not leave yet.
@Suite struct `The age at which messages are called off` {
    @Test func `NOT-9: is, unless set, half a day more than the longest row of days without marketing`() throws {
        let setting = try #require(NotificationService.settings.first { $0.name == "QUITTANCE_MESSAGE_AGE_MAX" })
        let value = try setting.value(of: try #require(setting.standard))
        let ageMax = try #require(value as? Duration)
        let first = try #require(LocalDate("2026-01-01"))
        var longest = 0
        for region in HolidayRegion.allCases {
            let hours = MarketingHours.standard.observing(region)
            for number in 0..<4_018 {
                let day = first.adding(days: number)
                let next = hours.nextOpening(from: day, hours.closesAt)
                let days = next.day.daysSince1970 - day.daysSince1970
                longest = max(longest, days * 1_440 + next.time.minutes - hours.closesAt.minutes)
            }
        }
        #expect(longest == 84 * 60, "from Thursday evening to Monday morning")
        #expect(ageMax >= .seconds((longest + 720) * 60))
    }
}
