// Package pages writes results as HTML: one page for a campaign, one for each
// finding, and beside them summary.md for pull requests. A page is one file that
// holds all it needs: it opens from file://, makes no request to anywhere, and
// its content security policy allows nothing but what stands in it.
//
// Start at WriteCampaign and WriteFinding. Both only format what reports has
// gathered: they run nothing, and judge nothing again. Every page goes through
// writePage, which adds the look that all share (base.css) and the policy. Under
// that policy a style attribute does nothing: what a page needs to look like is
// said by classes, in the style sheets handed to writePage.
package pages
