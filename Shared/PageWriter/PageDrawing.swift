import CPangoCairo
import PaymentModel

/// Pages that are drawn one after the other and become a PDF.
///
/// It belongs to one task at a time: the library draws on one thread. Text is set in Lato; letters it lacks come from
/// another installed font. Fonts are embedded in the file.
@safe package final class PageDrawing {
    /// The family every text is set in (Debian's fonts-lato).
    package static let family = "Lato"

    package let size: Size
    private let sink = ByteSink()
    private let surface: OpaquePointer
    private let context: OpaquePointer
    private let texts: TextSetter

    package init(size: Size = .a4) throws(PageError) {
        self.size = size
        unsafe surface = cairo_pdf_surface_create_for_stream(
            ByteSink.append, Unmanaged.passUnretained(sink).toOpaque(), size.width, size.height)
        unsafe cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5)
        unsafe context = cairo_create(surface)
        unsafe texts = TextSetter(context)
    }

    deinit {
        unsafe cairo_destroy(context)
        unsafe cairo_surface_destroy(surface)
    }

    /// Begins the next page; the first one is there already.
    package func nextPage() { unsafe cairo_show_page(context) }

    /// The document's bytes; nothing can be drawn afterwards.
    package func finish() throws(PageError) -> [UInt8] {
        unsafe cairo_surface_finish(surface)
        try check(unsafe cairo_surface_status(surface))
        try check(unsafe cairo_status(context))
        return sink.bytes
    }

    private func check(_ status: cairo_status_t) throws(PageError) {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        throw PageError(Sentence(unsafe String(cString: cairo_status_to_string(status))))
    }
}

// MARK: Ink

extension PageDrawing {
    /// How much room a text takes when its lines break at `width`.
    package func measure(_ text: String, _ style: TextStyle, width: Double? = nil) -> Size {
        texts.measure(text, style, width: width)
    }

    /// Sets a text with its upper left corner at `point`; a width breaks lines and is what alignment refers to.
    @discardableResult
    package func text(_ text: String, _ style: TextStyle, at point: Point, width: Double? = nil) -> Size {
        paint(style.colour)
        unsafe cairo_move_to(context, point.x, point.y)
        return texts.show(text, style, width: width)
    }

    package func fill(_ part: Rectangle, _ colour: Colour, radius: Double = 0) {
        let (x, y, width, height) = (part.origin.x, part.origin.y, part.size.width, part.size.height)
        paint(colour)
        if radius > 0 {
            let quarter = Double.pi / 2
            unsafe cairo_new_sub_path(context)
            unsafe cairo_arc(context, x + width - radius, y + radius, radius, -quarter, 0)
            unsafe cairo_arc(context, x + width - radius, y + height - radius, radius, 0, quarter)
            unsafe cairo_arc(context, x + radius, y + height - radius, radius, quarter, 2 * quarter)
            unsafe cairo_arc(context, x + radius, y + radius, radius, 2 * quarter, 3 * quarter)
            unsafe cairo_close_path(context)
        } else {
            unsafe cairo_rectangle(context, x, y, width, height)
        }
        unsafe cairo_fill(context)
    }

    package func line(from start: Point, to end: Point, width: Double = 0.5, _ colour: Colour = .pale) {
        paint(colour)
        unsafe cairo_set_line_width(context, width)
        unsafe cairo_move_to(context, start.x, start.y)
        unsafe cairo_line_to(context, end.x, end.y)
        unsafe cairo_stroke(context)
    }

    /// What `draw` draws opens `address` when it is touched.
    package func link(to address: String, _ draw: () -> Void) throws(PageError) {
        let isPlain = address.unicodeScalars.allSatisfy { (33...126).contains($0.value) && $0 != "'" && $0 != "\\" }
        guard isPlain else { throw PageError("the address of a link has characters that must be percent-encoded") }
        unsafe cairo_tag_begin(context, CAIRO_TAG_LINK, "uri='\(address)'")
        draw()
        unsafe cairo_tag_end(context, CAIRO_TAG_LINK)
    }

    /// Draws a QR code as a square of `side` points; the quiet zone around it is the caller's.
    package func code(_ symbol: QRSymbol, at point: Point, side: Double) {
        let module = side / Double(symbol.width)
        paint(.black)
        for row in 0..<symbol.width {
            for run in symbol.darkRuns(ofRow: row) {
                unsafe cairo_rectangle(
                    context, point.x + Double(run.lowerBound) * module, point.y + Double(row) * module,
                    Double(run.count) * module, module)
            }
        }
        unsafe cairo_fill(context)
    }

    /// Draws a picture as large as `box` admits, its proportions kept, from the box's upper left corner.
    package func picture(_ picture: PNGPicture, in box: Rectangle) {
        let scale = min(box.size.width / picture.size.width, box.size.height / picture.size.height)
        unsafe cairo_save(context)
        unsafe cairo_translate(context, box.origin.x, box.origin.y)
        unsafe cairo_scale(context, scale, scale)
        unsafe cairo_set_source_surface(context, picture.surface, 0, 0)
        unsafe cairo_paint(context)
        unsafe cairo_restore(context)
    }

    private func paint(_ colour: Colour) {
        unsafe cairo_set_source_rgb(
            context, Double(colour.red) / 255, Double(colour.green) / 255, Double(colour.blue) / 255)
    }
}

/// Collects what the library writes.
private final class ByteSink {
    private(set) var bytes: [UInt8] = []

    static let append: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t = {
        closure, data, length in
        guard let closure = unsafe closure else { return CAIRO_STATUS_WRITE_ERROR }
        let sink = unsafe Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
        unsafe sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
        return CAIRO_STATUS_SUCCESS
    }
}
