import NotificationService
import PaymentModel
import PhoneNumbers
import Testing

/// NOT-5: numbers as people and spreadsheets write them, read by the library every service reads them with.
@Suite struct `Numbers of a directory` {
    @Test(arguments: [
        ("06 12 34 56 78", "+33612345678"), ("06.12.34.56.78", "+33612345678"), ("0612345678", "+33612345678"),
        ("612345678", "+33612345678"), ("33612345678", "+33612345678"), ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"), ("'+33612345678", "+33612345678"), ("+32 470 12 34 56", "+32470123456"),
        ("06\u{A0}12\u{202F}34 56 78", "+33612345678"), ("0692 12 34 56", "+262692123456"),
        ("0696123456", "+596696123456"), ("692123456", "+262692123456"),
    ])
    func `NOT-5: are read as people and spreadsheets write them, overseas too`(text: String, number: String) {
        #expect(WrittenNumbers().read(text)?.e164 == number)
    }

    @Test(arguments: ["", "06 12", "3.36E+10", "06 12 34 56 78 99", "six", "+0612345678", "12345678901", "06+12345678"])
    func `NOT-5: what is no number is none`(text: String) {
        #expect(WrittenNumbers().read(text) == nil)
    }

    @Test func `NOT-5: a clinic dials by the plan of where it is`() {
        #expect(WrittenNumbers(timeZones: ["Europe/Brussels"]).read("0470 12 34 56")?.e164 == "+32470123456")
        #expect(WrittenNumbers(timeZones: ["Pacific/Noumea"]).read("75 12 34")?.e164 == "+687751234")
        #expect(WrittenNumbers(timeZones: ["Indian/Reunion"]).read("06 12 34 56 78")?.e164 == "+33612345678")
    }

    @Test func `NOT-9: a number that names no country is whatever it may be where clinics are`() {
        let numbers = WrittenNumbers(timeZones: ["Europe/Paris", "Europe/Zurich", "Indian/Reunion"])
        func readings(_ text: String) -> [String] { numbers.readings(text).map(\.e164).sorted() }
        #expect(readings("0761234567") == ["+33761234567", "+41761234567"])
        #expect(readings("0651234567") == ["+33651234567"], "no Swiss number begins so")
        #expect(readings("+33761234567") == ["+33761234567"], "this one names it")
        #expect(readings("no number").isEmpty)
    }

    @Test func `INV-1, NOT-5: a clinic's time zone tells the plan of its numbers`() {
        let regions = ["Europe/Paris": "FR", "Indian/Reunion": "RE", "Europe/Brussels": "BE", "Asia/Tokyo": "FR"]
        for (zone, region) in regions { #expect(PhoneRegion.of(timeZone: zone) == region) }
    }

    @Test func `NOT-6: an SMS goes to no line that stays in its place`() throws {
        let expected = [
            "+33612345678": true, "+33712345678": true, "+33112345678": false, "+33912345678": false,
            "+262262123456": false, "+262692123456": true, "+32470123456": true, "+33892123456": false,
        ]
        for (number, takesSMS) in expected {
            let phone = try #require(Phone(e164: number))
            #expect((WrittenNumbers.mobile(phone) == phone) == takesSMS, "\(number)")
        }
    }
}
