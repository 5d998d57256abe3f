import PaymentModel
import PhoneNumbers
import Testing

/// INV-1: numbers as a clerk types them.
@Suite struct `A phone number` {
    @Test(
        arguments: [
            ("06 12 34 56 78", "FR", "+33612345678", .mobile), ("06.12.34.56.78", "FR", "+33612345678", .mobile),
            ("0612345678", "FR", "+33612345678", .mobile), ("(0)6-12-34-56-78", "FR", "+33612345678", .mobile),
            ("06\u{202F}12\u{202F}34\u{202F}56\u{202F}78", "FR", "+33612345678", .mobile),
            ("+33 6 12 34 56 78", "RE", "+33612345678", .mobile), ("0033 6 12 34 56 78", "FR", "+33612345678", .mobile),
            ("+33 (0)6 12 34 56 78", "FR", "+33612345678", .mobile), ("01 42 68 53 00", "FR", "+33142685300", .fixed),
            ("09 72 12 34 56", "FR", "+33972123456", .other), ("0692 12 34 56", "RE", "+262692123456", .mobile),
            ("0692 12 34 56", "FR", "+262692123456", .mobile), ("0262 41 12 34", "FR", "+262262411234", .fixed),
            ("0262 41 12 34", "GP", "+262262411234", .fixed),
            ("0800 12 34 56", "FR", "+33800123456", .other), ("0594 28 12 34", "FR", "+594594281234", .fixed),
            ("0639 01 23 45", "RE", "+262639012345", .mobile), ("0690 00 12 34", "MQ", "+590690001234", .mobile),
            ("0696 20 12 34", "FR", "+596696201234", .mobile), ("0694 20 12 34", "GP", "+594694201234", .mobile),
            ("06 12 34 56 78", "RE", "+33612345678", .mobile), ("0470 12 34 56", "BE", "+32470123456", .mobile),
            ("078 123 45 67", "CH", "+41781234567", .mobile), ("+1 415 555 2671", "FR", "+14155552671", .mobile),
            ("+262 692 12 34 56", "FR", "+262692123456", .mobile), ("621 123 456", "LU", "+352621123456", .mobile),
        ] as [(String, String, String, PhoneKind)])
    func `INV-1: is read by the plan of the clinic's region, overseas as well`(
        text: String, region: String, e164: String, kind: PhoneKind
    ) throws {
        let reading = try PhoneNumbers.read(text, in: region)
        #expect(reading.phone.e164 == e164 && reading.kind == kind, "\(text) in \(region): \(reading.kind)")
        #expect(PhoneNumbers.kind(of: reading.phone) == kind)
        #expect(try PhoneNumbers.read(e164, in: "FR") == reading, "what is kept reads as itself")
    }

    @Test(
        arguments: [
            ("", .notANumber), ("abc", .notANumber), ("06 12 34 56 7O", .notANumber),
            ("06 12 34 56 78 ext. 4", .notANumber),
            ("+", .notANumber), ("--", .notANumber), ("06 12 34 56 7", .tooShort), ("12", .tooShort),
            ("06 12 34 56 78 9", .tooLong), ("+33 6 12 34 56 78 90", .tooLong),
            ("+33 06 12 34 56 7", .tooShort), ("+999 123 456 789", .unknownCountry),
            ("0033", .tooShort), ("06 12 34 56 78 #4", .withExtension), ("0812 34 56 78\u{0}", .notANumber),
            ("0694 99 99 99 99 99 99 99 99 99 99 99 99 99", .tooLong), ("0012 34 56 78", .tooShort),
        ] as [(String, PhoneRefusal)])
    func `INV-1: that is none, or cannot be one, is refused with the reason`(text: String, refusal: PhoneRefusal) {
        #expect(throws: refusal, "\(text)") { try PhoneNumbers.read(text, in: "FR") }
    }

    @Test(
        arguments: [
            ("+33 6 39 01 23 45", "06 39 01 23 45", "+262639012345"),
            ("+33 692 12 34 56", "0692123456", "+262692123456"),
            ("0033 (0)690 00 12 34", "0690 00 12 34", "+590690001234"),
            ("+33262411234", "0262411234", "+262262411234"), ("+33 594 28 12 34", "0594281234", "+594594281234"),
            ("+33 696 20 12 34", "0696201234", "+596696201234"),
            ("+33 508 41 23 45", "05 08 41 23 45", "+508412345"), ("+508 41 23 45", "0508412345", "+508412345"),
            ("00508 508 41 23 45", "0508 41.23.45", "+508412345"), ("+33 (0)508 55 12 34", "0508 551234", "+508551234"),
        ])
    func `INV-1: of overseas is one number, with the country of the mainland before it too`(
        abroad: String, home: String, e164: String
    ) throws {
        for region in ["FR", "YT", "BE"] {
            #expect(try PhoneNumbers.read(abroad, in: region).phone.e164 == e164, "\(abroad) in \(region)")
        }
        #expect(try PhoneNumbers.read(abroad, in: "FR") == PhoneNumbers.read(home, in: "FR"))
    }

    @Test func `INV-1: of Saint-Pierre-et-Miquelon has six digits, behind 0508 in the rest of France`() throws {
        for text in ["41 23 45", "0508 41 23 45", "+508 41 23 45", "+508 0508 41 23 45"] {
            let reading = try PhoneNumbers.read(text, in: "PM")
            #expect(reading.phone.e164 == "+508412345" && reading.kind == .fixed, "\(text)")
        }
        #expect(try PhoneNumbers.read("508412345", in: "FR").phone.e164 == "+508412345", "a spreadsheet ate its zero")
        #expect(try PhoneNumbers.read("0508 55 12 34", in: "FR").kind == .mobile)
        #expect(throws: PhoneRefusal.wrongLength) { try PhoneNumbers.read("0508 41 23", in: "FR") }
    }

    @Test func `INV-1: that was kept in another way is read as it is now`() throws {
        for (number, count) in [("+262692123456", 1), ("+590690001234", 1), ("+508412345", 2), ("+33612345678", 0)] {
            let before = FrenchPlan.keptBefore(number)
            #expect(before.count == count)
            for text in before {
                #expect(try PhoneNumbers.read(text, in: "FR").phone.e164 == number, "\(text)")
                #expect(Phone(e164: text)?.waysKept == [number] + before)
            }
            #expect(Phone(e164: number)?.waysKept == [number] + before)
        }
        #expect(FrenchPlan.keptBefore("+33639981001") == ["+262639981001"])
        #expect(Phone(e164: "+262639981001")?.readNow.e164 == "+33639981001")
        #expect(FrenchPlan.keptBefore("+441692123456").isEmpty)
    }

    @Test func `INV-1: kept for films is one of the mainland, however it is written`() throws {
        for text in ["06 39 98 10 01", "0639 981001", "+33 6 39 98 10 01", "0033639981001"] {
            for region in ["FR", "YT"] {
                #expect(try PhoneNumbers.read(text, in: region).phone.e164 == "+33639981001", "\(text) in \(region)")
            }
        }
    }

    @Test func `INV-1: of a range nobody knows is taken with its country only`() throws {
        #expect(try PhoneNumbers.read("0594 13 62 34", in: "FR").phone.e164 == "+594594136234", "its area is known")
        for region in ["FR", "RE", "GP"] {
            #expect(throws: PhoneRefusal.unassigned) { try PhoneNumbers.read("07 20 12 34 56", in: region) }
        }
        let reading = try PhoneNumbers.read("+33 7 20 12 34 56", in: "FR")
        #expect(reading.phone.e164 == "+33720123456" && reading.kind == .unassigned)
    }

    @Test func `INV-1: is read the same by many at once`() async throws {
        let found = await withTaskGroup(of: String?.self) { group in
            for number in 0..<400 {
                group.addTask { try? PhoneNumbers.read("06 12 34 5\(number % 10) 78", in: "FR").phone.e164 }
            }
            return await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(found == Set((0..<10).map { "+33612345\($0)78" }))
    }
}
